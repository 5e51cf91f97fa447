#include "daemon/session/user_view.h"

#include <nlohmann/json.hpp>
#include <span>
#include <vector>

namespace rekindle {
namespace {

using Json = nlohmann::ordered_json;

Json LabelsOf(const Snapshot& facts, UserNumber user) {
  Json labels = Json::array();
  for (const LabelShare& share : facts.LabelsOf(user)) {
    const auto& label = facts.settings().preferences.labels[share.label];
    labels.push_back(
        {{"label", label.name},
         {"name", {{"zh", label.title.zh}, {"en", label.title.en}}},
         {"days", share.days},
         {"active_days", share.active_days},
         {"share", share.share()},
         {"labeled", share.labeled}});
  }
  return labels;
}

Json EventsOf(const Snapshot& facts, UserNumber user) {
  Json events = Json::array();
  std::vector<UserNumber> numbers = facts.users().NumbersOf(user);
  for (const Event& event : facts.journal().ReadUser(numbers, 50)) {
    if (event.when.at > facts.as_of()) continue;
    const Calendar& calendar = facts.settings().calendar;
    events.push_back(
        {{"at", event.when.by_day ? FormatDay(event.when.day)
                                  : calendar.FormatMinute(event.when.at)},
         {"event", event.name},
         {"properties", event.properties}});
  }
  return events;
}

Json StandingJson(const Standing& standing) {
  return {{"state", StateName(standing.state)},
          {"substate", standing.substate},
          {"labels", standing.labels}};
}

// As recomputes stored it.
Json HistoryOf(Engine& engine, const Snapshot& facts, UserNumber user) {
  constexpr size_t kLatest = 50;
  const auto changes = engine.store().Read(
      [&](SQLite::Database& db) { return StandingHistory(db, user); });
  Json history = Json::array();
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->at > facts.as_of()) continue;
    if (history.size() == kLatest) break;
    history.push_back(
        {{"at", facts.settings().calendar.FormatMinute(change->at)},
         {"from", StandingJson(change->from)},
         {"to", StandingJson(change->to)}});
  }
  return history;
}

Json TouchesOf(Ledger& ledger, const Snapshot& facts, UserNumber user) {
  Json touches = Json::array();
  const Calendar& calendar = facts.settings().calendar;
  TouchFilter filter{.user = user, .limit = 50};
  for (const TouchRow& t : ledger.Touches(filter)) {
    touches.push_back(
        {{"touch_id", t.touch_id},
         {"rule_id", t.rule_id},
         {"planned_at", calendar.FormatMinute(t.planned_at)},
         {"arm", ArmName(t.arm)},
         {"channel", t.channel},
         {"state", TouchStateName(t.state)},
         {"reason", t.reason},
         {"goal_at",
          t.goal_at ? Json(calendar.FormatMinute(*t.goal_at)) : Json()}});
  }
  return touches;
}

// Of the newest slots; of one rule where it is named.
Json SkipsOf(Engine& engine, std::span<const UserNumber> numbers,
             const std::optional<std::string>& rule_id) {
  constexpr int64_t kSlots = 200;
  constexpr size_t kLatest = 50;
  Json skips = Json::array();
  const auto settings = engine.settings();
  const Calendar& calendar = settings->calendar;
  for (const SkipRow& skip :
       engine.ledger().slots().SkipsOf(numbers, rule_id, kSlots)) {
    if (skips.size() == kLatest) break;
    skips.push_back({{"slot", calendar.FormatMinute(skip.slot)},
                     {"rule_id", skip.rule_id},
                     {"reason", skip.reason}});
  }
  return skips;
}

Json FindingJson(const Finding& finding) {
  Json parts = Json::array();
  for (const Finding& part : finding.parts) parts.push_back(FindingJson(part));
  return {{"key", finding.key},
          {"wanted", finding.wanted},
          {"actual", finding.actual},
          {"holds", finding.holds},
          {"parts", parts}};
}

// What is only decided once behaviors are whole waits, whoever matches now.
std::string DecisionText(const Planner::Explanation& e) {
  if (!e.waits_for.empty()) return "waits";
  return e.matched ? std::string(DecisionName(e.decision)) : "no match";
}

Json RulesOf(Session& session, UserNumber user, Instant as_of,
             const std::optional<std::string>& rule_id) {
  Json rules = Json::array();
  for (const Planner::Explanation& e : session.Explain(user, as_of, rule_id)) {
    Json stages = Json::array();
    for (const StageFinding& s : e.stages) {
      stages.push_back({{"stage", s.stage},
                        {"passed", s.passed},
                        {"reason", s.reason},
                        {"detail", s.detail}});
    }
    rules.push_back({{"rule_id", e.rule_id},
                     {"matched", e.matched},
                     {"decision", DecisionText(e)},
                     {"reason", e.reason},
                     {"condition", FindingJson(e.condition)},
                     {"stages", stages}});
  }
  return rules;
}

Json FactsOf(const Snapshot& facts, UserNumber user) {
  bool known = facts.Known().Contains(user);
  Json view = {{"user_id", facts.users().IdOf(user)}, {"known", known}};
  view["state"] = known ? Json(StateName(facts.StateOf(user))) : Json();
  view["substate"] = known ? Json(facts.SubstateOf(user)) : Json();
  view["registered"] =
      known ? Json(FormatDay(facts.RegisteredOn(user))) : Json();
  view["last_active_day"] =
      known ? Json(FormatDay(facts.LastActiveDay(user))) : Json();
  view["inactive_periods"] = known ? Json(facts.InactivePeriods(user)) : Json();
  view["labels"] = known ? LabelsOf(facts, user) : Json::array();
  auto top = known ? facts.TopLabelOf(user) : std::nullopt;
  view["top_label"] =
      top ? Json(facts.settings().preferences.labels[*top].name) : Json();
  view["tags"] = facts.users().TagsOf(user);
  view["profile"] = Json::parse(facts.users().ProfileOf(user));
  view["events"] = EventsOf(facts, user);
  view["exact"] = facts.exact();
  return view;
}

}  // namespace

Result<nlohmann::ordered_json> DescribeUser(
    Session& session, const std::string& user_id, Instant as_of,
    const std::optional<std::string>& rule_id) {
  Engine& engine = session.engine();
  UserNumber user;
  std::vector<UserNumber> numbers;
  Json view;
  {
    auto facts = engine.At(as_of);
    user = facts->users().Find(user_id);
    if (user == kNoUser) {
      return Fail(ErrorKind::kNotFound, "there is no user \"" + user_id + "\"");
    }
    view = FactsOf(*facts, user);
    view["history"] = HistoryOf(engine, *facts, user);
    view["touches"] = TouchesOf(engine.ledger(), *facts, user);
    numbers = facts->users().NumbersOf(user);
  }
  // Takes its time, for which events need not wait.
  view["skips"] = SkipsOf(engine, numbers, rule_id);
  view["rules"] = view["known"].get<bool>()
                      ? RulesOf(session, user, as_of, rule_id)
                      : Json::array();
  return view;
}

}  // namespace rekindle
