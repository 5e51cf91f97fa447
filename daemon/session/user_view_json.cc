#include "daemon/session/user_view_json.h"

#include <nlohmann/json.hpp>

namespace rekindle {
namespace {

using Json = nlohmann::ordered_json;

// A list of what `one` makes of each.
template <class Items, class One>
Json ListJson(const Items& items, const One& one) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(one(item));
  return list;
}

Json LabelJson(const LabelShare& share, const EngineSettings& settings) {
  const Label& label = settings.preferences.labels[share.label];
  return {{"label", label.name},
          {"name", {{"zh", label.title.zh}, {"en", label.title.en}}},
          {"days", share.days},
          {"active_days", share.active_days},
          {"share", share.share()},
          {"labeled", share.labeled}};
}

void PutLifecycle(const UserView& view, Json* json) {
  Json& out = *json;
  for (const char* key : {"state", "substate", "registered", "last_active_day",
                          "inactive_periods"}) {
    out[key] = Json();
  }
  out["labels"] = Json::array();
  out["top_label"] = Json();
  if (!view.lifecycle) return;
  const UserView::Lifecycle& lifecycle = *view.lifecycle;
  out["state"] = StateName(lifecycle.state);
  out["substate"] = lifecycle.substate;
  out["registered"] = FormatDay(lifecycle.registered);
  out["last_active_day"] = FormatDay(lifecycle.last_active_day);
  out["inactive_periods"] = lifecycle.inactive_periods;
  out["labels"] = ListJson(lifecycle.labels, [&](const LabelShare& share) {
    return LabelJson(share, *view.settings);
  });
  if (lifecycle.top_label) {
    out["top_label"] =
        view.settings->preferences.labels[*lifecycle.top_label].name;
  }
}

Json EventJson(const Event& event, const Calendar& calendar) {
  return {{"at", event.when.by_day ? FormatDay(event.when.day)
                                   : calendar.FormatMinute(event.when.at)},
          {"event", event.name},
          {"properties", event.properties}};
}

Json StandingJson(const Standing& standing) {
  return {{"state", StateName(standing.state)},
          {"substate", standing.substate},
          {"labels", standing.labels}};
}

Json ChangeJson(const StandingChange& change, const Calendar& calendar) {
  return {{"at", calendar.FormatMinute(change.at)},
          {"from", StandingJson(change.from)},
          {"to", StandingJson(change.to)}};
}

Json TouchJson(const TouchRow& t, const Calendar& calendar) {
  return {{"touch_id", t.touch_id},
          {"rule_id", t.rule_id},
          {"planned_at", calendar.FormatMinute(t.planned_at)},
          {"arm", ArmName(t.arm)},
          {"channel", t.channel},
          {"state", TouchStateName(t.state)},
          {"reason", t.reason},
          {"goal_at",
           t.goal_at ? Json(calendar.FormatMinute(*t.goal_at)) : Json()}};
}

Json SkipJson(const SkipRow& skip, const Calendar& calendar) {
  return {{"slot", calendar.FormatMinute(skip.slot)},
          {"rule_id", skip.rule_id},
          {"reason", skip.reason}};
}

Json FindingJson(const Finding& finding, const PhraseTeller& tell) {
  return {{"key", finding.key},
          {"wanted", tell(finding.wanted)},
          {"actual", tell(finding.actual)},
          {"holds", finding.holds},
          {"parts", ListJson(finding.parts, [&](const Finding& part) {
             return FindingJson(part, tell);
           })}};
}

Json StageJson(const StageFinding& stage, const PhraseTeller& tell) {
  return {{"stage", stage.stage},
          {"passed", stage.passed},
          {"reason", stage.reason},
          {"detail", tell(stage.detail)}};
}

Json ExplanationJson(const Planner::Explanation& e, const PhraseTeller& tell) {
  return {{"rule_id", e.rule_id},
          {"matched", e.matched},
          {"decision", DecisionWord(e)},
          {"reason", e.reason},
          {"condition", FindingJson(e.condition, tell)},
          {"stages", ListJson(e.stages, [&](const StageFinding& stage) {
             return StageJson(stage, tell);
           })}};
}

}  // namespace

nlohmann::ordered_json UserViewJson(const UserView& view,
                                    const PhraseTeller& tell) {
  const Calendar& calendar = view.settings->calendar;
  // Those that tell instants, in the business zone.
  const auto told = [&](const auto& items, const auto& one) {
    return ListJson(items,
                    [&](const auto& item) { return one(item, calendar); });
  };
  Json json = {{"user_id", view.user_id},
               {"known", view.lifecycle.has_value()}};
  PutLifecycle(view, &json);
  json["tags"] = view.tags;
  json["profile"] = Json::parse(view.profile);
  json["events"] = told(view.events, EventJson);
  json["exact"] = view.exact;
  json["history"] = told(view.history, ChangeJson);
  json["touches"] = told(view.touches, TouchJson);
  json["skips"] = told(view.skips, SkipJson);
  json["rules"] = ListJson(view.rules, [&](const Planner::Explanation& e) {
    return ExplanationJson(e, tell);
  });
  return json;
}

}  // namespace rekindle
