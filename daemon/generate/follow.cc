#include "daemon/generate/follow.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "config/base/csv.h"
#include "config/base/hash.h"
#include "config/base/words.h"
#include "daemon/generate/person.h"
#include "daemon/generate/row_text.h"
#include "engine/import/csv_header.h"
#include "engine/import/input_file.h"

namespace rekindle {
namespace {

constexpr int64_t kWindow =
    std::chrono::milliseconds(std::chrono::days(7)).count();
// From the ends of the time a goal may lie in: room for its own first event.
constexpr int64_t kMargin =
    std::chrono::milliseconds(std::chrono::minutes(3)).count();
constexpr std::string_view kGoals[] = {"app_open", "order_paid"};

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ErrorKind::kUsage, std::move(message));
}

struct TouchLine {
  uint32_t user = 0;
  std::string touch_id;
  const Effect* effect = nullptr;
  bool treated = false;
  int64_t at = 0;
};

// Reads the lines of the rules that have an effect.
class TouchLines {
 public:
  TouchLines(const FollowOptions& follow, int64_t users)
      : follow_(follow), users_(users) {}

  Result<std::vector<TouchLine>> Read() {
    auto file = InputFile::Open(follow_.touches.string());
    if (!file) return tl::make_unexpected(file.error());
    CsvReader csv((*file)->stream());
    std::vector<std::string> cells;
    bool found = csv.Next(&cells) && csv.error().empty();
    auto header = CsvHeader::Read(
        found ? cells : std::vector<std::string>(),
        {.required = {"touch_id", "rule_id", "user_id", "planned_at", "arm"},
         .others = true});
    if (!header) return Refuse(Where(csv) + header.error().message);
    while (csv.Next(&cells)) {
      Status taken = csv.error().empty()
                         ? Take(*header, CsvCells(cells.begin(), cells.end()))
                         : Refuse(csv.error());
      if (!taken) return Refuse(Where(csv) + taken.error().message);
    }
    if ((*file)->error()) return tl::make_unexpected(*(*file)->error());
    if (Status s = CheckRules(); !s) return tl::make_unexpected(s.error());
    return std::move(lines_);
  }

 private:
  std::string Where(const CsvReader& csv) const {
    return follow_.touches.string() + ":" + std::to_string(csv.line()) + ": ";
  }

  Status Take(const CsvHeader& header, const CsvCells& cells) {
    if (Status s = header.CheckWidth(cells); !s) return s;
    const std::string rule(header.Cell(cells, "rule_id"));
    ++touches_by_rule_[rule];
    auto effect =
        std::find_if(follow_.effects.begin(), follow_.effects.end(),
                     [&](const Effect& e) { return e.rule_id == rule; });
    if (effect == follow_.effects.end()) return {};
    TouchLine line;
    line.effect = &*effect;
    line.touch_id = header.Cell(cells, "touch_id");
    const std::string_view user = header.Cell(cells, "user_id");
    if (!ParseUserId(user, &line.user) || line.user >= users_) {
      return Refuse("user \"" + std::string(user) +
                    "\" is not of this history; give the users, months and "
                    "seed it was made with");
    }
    const std::string_view arm = header.Cell(cells, "arm");
    line.treated = arm == "treated";
    if (!line.treated && arm != "held_out") {
      return Refuse("arm: \"" + std::string(arm) +
                    "\" is not treated or held_out");
    }
    Result<Moment> at =
        Calendar::Utc().ParseMoment(header.Cell(cells, "planned_at"));
    if (!at) return Refuse("planned_at: " + at.error().message);
    line.at = ToMillis(at->at);
    lines_.push_back(std::move(line));
    return {};
  }

  Status CheckRules() const {
    std::vector<std::string> rules;
    for (const auto& [rule, touches] : touches_by_rule_) rules.push_back(rule);
    for (const Effect& effect : follow_.effects) {
      if (touches_by_rule_.contains(effect.rule_id)) continue;
      std::string near = ClosestWord(effect.rule_id, rules);
      return Refuse("no touch of a rule \"" + effect.rule_id + "\" in " +
                    follow_.touches.string() +
                    (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
    return {};
  }

  const FollowOptions& follow_;
  const int64_t users_;
  std::map<std::string, int64_t> touches_by_rule_;
  std::vector<TouchLine> lines_;
};

// The longest part of the touch's window that is in no other window of the
// user; the whole window where there is none.
TimeSpan OwnPart(const TouchLine& touch, const std::vector<TimeSpan>& windows,
                 int64_t from) {
  TimeSpan window{std::max(touch.at, from), touch.at + kWindow};
  TimeSpan left{window}, best{0, 0};
  bool own_seen = false;
  auto keep = [&](TimeSpan part) {
    if (part.to - part.from > best.to - best.from) best = part;
  };
  for (const TimeSpan& other : windows) {  // by their start
    if (other.from == touch.at && !own_seen) {
      own_seen = true;
      continue;
    }
    if (other.to < left.from || other.from > left.to) continue;
    keep({left.from, other.from});
    left.from = std::max(left.from, other.to);
  }
  keep(left);
  return best.to - best.from > 2 * kMargin ? best : window;
}

std::optional<GoalDraw> Draw(const TouchLine& touch, TimeSpan part,
                             double baseline, uint64_t seed) {
  std::string key = std::to_string(seed);
  double share = baseline + (touch.treated ? touch.effect->share : 0);
  uint64_t hash = StableHash({"goal", key, touch.touch_id});
  if (UnitInterval(hash) >= share) return std::nullopt;
  uint64_t room = part.to - part.from - 2 * kMargin;
  uint64_t place = StableHash({"goal time", key, touch.touch_id}) % room;
  return GoalDraw{touch.user, touch.touch_id, touch.effect->goal,
                  FromMillis(part.from + kMargin + place)};
}

}  // namespace

Result<double> ParseShare(std::string_view text) {
  double divisor = text.ends_with('%') ? 100 : 1;
  if (divisor > 1) text.remove_suffix(1);
  double share = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), share);
  share /= divisor;
  if (error != std::errc() || end != text.data() + text.size() || share < -1 ||
      share > 1) {
    return Refuse("not a share");
  }
  return share;
}

Result<Effect> ParseEffect(std::string_view text) {
  size_t equals = text.rfind('=');
  size_t colon = equals == text.npos ? text.npos : text.find(':', equals);
  Effect effect;
  effect.rule_id = text.substr(0, equals);
  if (colon != text.npos) effect.goal = text.substr(colon + 1);
  Result<double> share =
      equals == text.npos
          ? Result<double>(Refuse("no share"))
          : ParseShare(text.substr(equals + 1, colon == text.npos
                                                   ? text.npos
                                                   : colon - equals - 1));
  bool known = std::find(std::begin(kGoals), std::end(kGoals), effect.goal) !=
               std::end(kGoals);
  if (effect.rule_id.empty() || !share || !known) {
    return Refuse("effect \"" + std::string(text) +
                  "\" is not RULE=SHARE or RULE=SHARE:GOAL, as in "
                  "wake-car-control=8% or viewed-not-bought=5%:order_paid");
  }
  effect.share = *share;
  return effect;
}

Result<Outcomes> Outcomes::Read(const FollowOptions& follow, LocalDay first_day,
                                uint64_t seed, int64_t users) {
  if (follow.touches.empty() && follow.effects.empty()) return Outcomes();
  if (follow.touches.empty()) {
    return Refuse("an effect needs the touches it comes from");
  }
  Result<std::vector<TouchLine>> touches = TouchLines(follow, users).Read();
  if (!touches) return tl::make_unexpected(touches.error());
  Outcomes outcomes;
  for (const TouchLine& touch : *touches) {
    outcomes.windows_[touch.user].push_back({touch.at, touch.at + kWindow});
  }
  for (auto& [user, windows] : outcomes.windows_) {
    std::sort(windows.begin(), windows.end(),
              [](TimeSpan a, TimeSpan b) { return a.from < b.from; });
  }
  int64_t from = ToMillis(StartOfCarDay(first_day));
  uint64_t draws = follow.outcome_seed.value_or(seed);
  for (const TouchLine& touch : *touches) {
    TimeSpan part = OwnPart(touch, outcomes.windows_[touch.user], from);
    auto goal = Draw(touch, part, follow.baseline, draws);
    if (goal) outcomes.goals_.push_back(std::move(*goal));
  }
  return outcomes;
}

bool Outcomes::Silences(uint32_t user, Instant at) const {
  auto found = windows_.find(user);
  if (found == windows_.end()) return false;
  int64_t ms = ToMillis(at);
  return std::any_of(
      found->second.begin(), found->second.end(),
      [ms](TimeSpan window) { return window.from <= ms && ms <= window.to; });
}

}  // namespace rekindle
