#include "tests/support/reference/random_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace rekindle::reference {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;

const char* const kZones[] = {"UTC",           "America/New_York",
                              "Europe/Berlin", "Australia/Lord_Howe",
                              "Asia/Shanghai", "America/Santiago"};
const char* const kEvents[] = {"open", "drive", "shop", "read"};

class HistoryMaker {
 public:
  explicit HistoryMaker(uint64_t seed) : random_(seed) {}

  RandomHistory Make() {
    ChooseRules();
    WriteSettings();
    const int users = 2 + Below(9);
    for (int i = 0; i < users; ++i) {
      MakeUser(fmt::format("user-{}", (i * 7) % 11), false);
    }
    for (int i = Below(3); i > 0; --i) {
      MakeUser(fmt::format("visitor-{}", i), true);
    }
    MakeMerges();
    Repeat();
    Finish();
    return std::move(history_);
  }

 private:
  // A message and when it arrives, from 0 to 1. Merges come late, so that some
  // events arrive before and some after them.
  struct Arrival {
    double at;
    Message message;
  };

  int Below(int n) { return static_cast<int>(random_() % n); }
  bool Chance(int percent) { return Below(100) < percent; }
  double Fraction() { return static_cast<double>(random_() % 1000000) / 1e6; }

  void ChooseRules() {
    Rules& rules = history_.rules;
    zone_ = kZones[Below(std::size(kZones))];
    rules.calendar = *Calendar::Load(zone_);
    rules.period = static_cast<PeriodUnit>(Below(3));
    rules.churned_after = 1 + Below(4);
    if (Chance(60)) rules.activity = {"open", "drive"};
    rules.window.count = 1 + Below(4);
    const int thresholds[] = {50, 50, 7, 30, 33, 100};
    rules.threshold_percent = thresholds[Below(6)];
    rules.min_active_days = 1 + Below(3);
    rules.anchor_last_active = Chance(40);
    rules.labels = {{"roads", {"drive"}}, {"wares", {"shop", "read"}}};
    if (Chance(50)) rules.labels.push_back({"openings", {"open"}});

    const LocalDay starts[] = {
        LocalDay(std::chrono::local_days{std::chrono::year(2019) / 12 / 20}),
        LocalDay(std::chrono::local_days{std::chrono::year(2020) / 2 / 10}),
        LocalDay(std::chrono::local_days{std::chrono::year(2021) / 3 / 1}),
        LocalDay(std::chrono::local_days{std::chrono::year(2023) / 9 / 25}),
        LocalDay(std::chrono::local_days{std::chrono::year(1969) / 11 / 3})};
    // By day, week and month: two years, so that some events come so late.
    const int lengths[] = {40, 130, 800};
    length_ = lengths[static_cast<int>(rules.period)];
    history_.first = starts[Below(5)] + days(Below(20));
    history_.last = history_.first + days(length_ - 1);
  }

  void WriteSettings() {
    const Rules& rules = history_.rules;
    std::string& text = history_.settings;
    text = fmt::format("time_zone: {}\n", zone_);
    if (!rules.activity.empty()) text += "activity: busy\n";
    text +=
        "behaviors:\n"
        "  busy: {event: [open, drive]}\n"
        "  open: {event: open}\n"
        "  drive: {event: drive}\n"
        "  wares: {event: [shop, read]}\n";
    text += fmt::format("lifecycle: {{period: {}, churned_after: {}}}\n",
                        PeriodUnitName(rules.period), rules.churned_after);
    text += fmt::format(
        "preferences:\n"
        "  window: {} months\n"
        "  threshold: {}%\n"
        "  min_active_days: {}\n"
        "  anchor: {}\n"
        "  labels:\n"
        "    roads: {{behavior: drive}}\n"
        "    wares: {{behavior: wares}}\n",
        rules.window.count, rules.threshold_percent, rules.min_active_days,
        rules.anchor_last_active ? "last_active" : "as_of");
    if (rules.labels.size() > 2) text += "    openings: {behavior: open}\n";
  }

  // Bare dates, the first and last millisecond of a day, and any time between.
  Moment SomeTime(LocalDay day) {
    const Calendar& calendar = history_.rules.calendar;
    const Instant start = calendar.StartOf(day);
    const Instant end = calendar.EndOf(day);
    switch (Below(10)) {
      case 0:
      case 1:
      case 2:
        return {start, day, true};
      case 3:
        return {start, day, false};
      case 4:
        return {end, day, false};
      default:
        return {start + milliseconds(random_() % ((end - start).count() + 1)),
                day, false};
    }
  }

  void MakeUser(const std::string& id, bool anonymous) {
    (anonymous ? visitors_ : users_).push_back(id);
    final_id_[id] = anonymous ? "" : id;
    if (!anonymous && Chance(40)) MakeCreatedAt(id);
    if (!anonymous) Arrive(0, Identify(id, ""));  // known before any merge
    if (Chance(8)) return;                        // no event at all
    const int joined = Below(length_);
    const int chunk = std::max(1, length_ / 14);
    for (int day = joined; day < length_; day += chunk) {
      if (!Chance(45)) continue;
      for (int i = Below(4); i >= 0; --i) {
        const int on = std::min(day + Below(chunk), length_ - 1);
        MakeEvent(id, anonymous, SomeTime(history_.first + days(on)));
      }
    }
  }

  void MakeEvent(const std::string& id, bool anonymous, const Moment& when) {
    Message message;
    (anonymous ? message.anonymous_id : message.user_id) = id;
    message.event = kEvents[Below(4)];
    message.when = when;
    if (Chance(70)) message.message_id = fmt::format("m-{}", ++ids_);
    history_.acts.push_back({id, when, message.event});
    AddProperties(&message, &history_.acts.back());
    const double due =
        0.8 * static_cast<double>((when.day - history_.first).count()) /
        length_;
    Arrive(Chance(15) ? due + Fraction() * (1 - due) : due, message);
  }

  // Some have an item, an amount, or both; some none.
  void AddProperties(Message* message, Act* act) {
    std::string json;
    if (Chance(60)) {
      act->properties["item"] =
          std::string(1, static_cast<char>('a' + Below(3)));
      json = fmt::format(R"("item":"{}")", act->properties["item"]);
    }
    if (Chance(60)) {
      act->properties["amount"] = fmt::format("{:.2f}", Below(3000) / 100.0);
      json += json.empty() ? "" : ",";
      // A text that reads as a number counts as one.
      const std::string& amount = act->properties["amount"];
      json += "\"amount\":" + (Chance(50) ? amount : '"' + amount + '"');
    }
    if (!json.empty()) message->properties = "{" + json + "}";
  }

  static Message Identify(const std::string& user, const std::string& visitor) {
    Message message;
    message.kind = MessageKind::kIdentify;
    message.user_id = user;
    message.anonymous_id = visitor;
    message.when = {Instant{}, LocalDay{}, false};
    return message;
  }

  void MakeCreatedAt(const std::string& id) {
    const int day = Chance(30) ? -Below(60) : Below(length_);
    const Moment when = SomeTime(history_.first + days(day));
    Message message = Identify(id, "");
    message.traits =
        fmt::format(R"({{"{}":"{}"}})", Chance(50) ? "createdAt" : "created_at",
                    when.by_day ? FormatDay(when.day)
                                : history_.rules.calendar.Format(when.at));
    history_.created_at[id] = when;
    Arrive(0.6 * Fraction(), message);
  }

  void MakeMerges() {
    for (const std::string& visitor : visitors_) {
      if (Chance(30)) continue;  // stays unknown
      const std::string user = users_[Below(static_cast<int>(users_.size()))];
      merges_.push_back({0.65 + 0.3 * Fraction(), Identify(user, visitor)});
    }
    for (int i = Below(3); i > 0; --i) {
      Message alias;
      alias.kind = MessageKind::kAlias;
      alias.previous_id = users_[Below(static_cast<int>(users_.size()))];
      alias.user_id = users_[Below(static_cast<int>(users_.size()))];
      if (alias.previous_id == alias.user_id) continue;
      merges_.push_back({0.65 + 0.3 * Fraction(), alias});
    }
    std::sort(merges_.begin(), merges_.end(),
              [](const auto& a, const auto& b) { return a.at < b.at; });
    for (const Arrival& merge : merges_) {
      const Message& m = merge.message;
      const bool alias = m.kind == MessageKind::kAlias;
      // One that would close a circle is refused.
      if (alias && final_id_[m.user_id] == m.previous_id) continue;
      Join(alias ? m.previous_id : m.anonymous_id, m.user_id);
      Arrive(merge.at, m);
    }
  }

  void Join(const std::string& from, const std::string& into) {
    const std::string gone = final_id_[from].empty() ? from : final_id_[from];
    const std::string stays = final_id_[into];
    if (gone == stays) return;
    for (auto& [id, last] : final_id_) {
      if (id == gone || last == gone) last = stays;
    }
  }

  // Messages with an id may come again, whatever they say the second time.
  void Repeat() {
    const size_t once = arrivals_.size();
    for (size_t i = 0; i < once; ++i) {
      if (arrivals_[i].message.message_id.empty() || !Chance(10)) continue;
      ++history_.duplicates;
      const double at = arrivals_[i].at;
      const Message again = arrivals_[i].message;
      Arrive(at + Fraction() * (1 - at), again);
    }
  }

  void Finish() {
    std::stable_sort(arrivals_.begin(), arrivals_.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    for (Arrival& arrival : arrivals_) {
      history_.messages.push_back(std::move(arrival.message));
    }
    // Events of visitors nobody ever recognised belong to no known user.
    std::erase_if(history_.acts, [&](Act& act) {
      act.user = final_id_[act.user];
      return act.user.empty();
    });
    std::map<std::string, Moment> created;
    for (const auto& [id, when] : history_.created_at) {
      auto [it, first] = created.emplace(final_id_[id], when);
      if (!first && when.at < it->second.at) it->second = when;
    }
    history_.created_at = std::move(created);
    ChooseInstants();
  }

  void ChooseInstants() {
    const Calendar& calendar = history_.rules.calendar;
    history_.as_of.push_back(calendar.EndOf(history_.last));
    for (int i = 0; i < 4; ++i) {
      const LocalDay day = history_.first + days(Below(length_));
      history_.as_of.push_back(Chance(40) ? calendar.EndOf(day)
                                          : SomeTime(day).at);
    }
    for (int i = 0; i < 4 && !history_.acts.empty(); ++i) {
      const int pick = Below(static_cast<int>(history_.acts.size()));
      history_.as_of.push_back(history_.acts[pick].when.at -
                               milliseconds(Below(2)));
    }
  }

  void Arrive(double at, const Message& message) {
    arrivals_.push_back({at, message});
  }

  std::mt19937_64 random_;
  RandomHistory history_;
  std::string zone_;
  int length_ = 0;
  int ids_ = 0;
  std::vector<std::string> users_, visitors_;
  std::map<std::string, std::string> final_id_;  // empty: not recognised
  std::vector<Arrival> arrivals_, merges_;
};

}  // namespace

RandomHistory MakeRandomHistory(uint64_t seed) {
  return HistoryMaker(seed).Make();
}

}  // namespace rekindle::reference
