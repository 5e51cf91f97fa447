#include <nlohmann/json.hpp>

#include "daemon/pages/models.h"
#include "engine/ledger/rule_versions.h"
#include "engine/review/review.h"

namespace rekindle {
namespace {

Json InstantJson(std::optional<Instant> at, const Calendar& calendar) {
  return at ? Json(calendar.FormatMinute(*at)) : Json();
}

Json CountsJson(const std::map<std::string, int64_t>& counts) {
  Json list = Json::array();
  for (const auto& [reason, users] : counts) {
    list.push_back({{"reason", reason}, {"users", users}});
  }
  return list;
}

Json SlotJson(const SlotRow& slot, const Calendar& calendar) {
  return {{"slot", calendar.FormatMinute(slot.slot)},
          {"slot_state", SlotStateName(slot.state)},
          {"reason", slot.reason},
          {"matched", slot.matched},
          {"eligible", slot.eligible},
          {"treated", slot.treated},
          {"held_out", slot.held_out},
          {"skipped", CountsJson(slot.skipped)},
          {"rule_version", slot.rule_version}};
}

Json ArmJson(const ArmResult& arm) {
  return {{"users", arm.users},
          {"reached", arm.reached},
          {"goal_rate", arm.users == 0 ? Json() : Json(arm.rate())}};
}

// States that accepted, delivered, opened, clicked, bounced and held_out count.
bool IsCountedElsewhere(TouchState state) {
  switch (state) {
    case TouchState::kAccepted:
    case TouchState::kDelivered:
    case TouchState::kOpened:
    case TouchState::kClicked:
    case TouchState::kBounced:
    case TouchState::kHeldOut:
      return true;
    default:
      return false;
  }
}

Json ReviewJson(const RuleReview& r) {
  Json json = {{"slots", r.slots},
               {"missed_slots", r.missed_slots},
               {"matched", r.matched},
               {"treated", r.treated},
               {"held_out", r.held_out},
               {"skipped", CountsJson(r.skipped)},
               {"accepted", r.accepted},
               {"delivered", r.delivered},
               {"opened", r.opened},
               {"clicked", r.clicked},
               {"bounced", r.bounced},
               {"complained", r.complained},
               {"unsubscribed", r.unsubscribed},
               {"goal_reached", r.goal_reached},
               {"open_windows", r.open_windows},
               {"has_goal", r.has_goal},
               {"treated_arm", ArmJson(r.treated_users)},
               {"held_out_arm", ArmJson(r.held_out_users)},
               {"verdict", VerdictName(r.verdict)}};
  Json states = Json::array();
  for (const auto& [state, count] : r.by_state) {
    if (IsCountedElsewhere(state)) continue;
    states.push_back(
        {{"touch_state", TouchStateName(state)}, {"touches", count}});
  }
  json["by_state"] = states;
  json["uplift"] = Json();
  if (r.uplift) {
    json["uplift"] = {{"difference_rate", r.uplift->difference},
                      {"low_rate", r.uplift->low},
                      {"high_rate", r.uplift->high},
                      {"p_value", r.uplift->p_value}};
  }
  json["incremental_users"] =
      r.incremental_users ? Json(*r.incremental_users) : Json();
  return json;
}

// Newest first; the first is the one that runs.
Json VersionsJson(Session& session, const std::string& rule_id,
                  const Calendar& calendar) {
  Json list = Json::array();
  for (const RuleVersion& version :
       VersionsOf(session.engine().store(), rule_id)) {
    list.push_back({{"version", version.version},
                    {"version_since", calendar.FormatMinute(version.since)}});
  }
  return list;
}

Json RuleJson(const Rule& rule, Session& session, Instant as_of) {
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  Json json = {{"rule_id", rule.id},
               {"name", {{"zh", rule.name.zh}, {"en", rule.name.en}}},
               {"enabled", rule.enabled},
               {"aim", rule.aim},
               {"schedule", rule.schedule_text},
               {"channels", rule.channels},
               {"priority", rule.priority},
               {"hold_out_share", rule.hold_out},
               {"version", rule.version}};
  const auto versions = VersionsOf(session.engine().store(), rule.id);
  json["version_since"] =
      versions.empty() ? Json()
                       : Json(calendar.FormatMinute(versions.front().since));
  json["next_slot"] =
      rule.enabled
          ? InstantJson(rule.schedule.NextDue(as_of, calendar), calendar)
          : Json();
  json["oversight"] = OversightModel(session, rule);
  const auto latest = session.engine().ledger().slots().Latest(rule.id);
  json["last_slot"] = latest ? SlotJson(*latest, calendar) : Json();
  return json;
}

Json ReviewOf(Session& session, const std::string& rule_id, Instant as_of) {
  for (const RuleReview& review :
       ComputeReview(session.engine().store(), as_of, rule_id)) {
    return ReviewJson(review);
  }
  return Json();
}

}  // namespace

Json RulesModel(Session& session, Instant as_of) {
  auto configuration = session.configuration();
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  Json model = {{"as_of", calendar.FormatMinute(as_of)},
                {"filling", FillingModel(session.engine())},
                {"reload", ReloadModel(session)},
                {"rules", Json::array()}};
  std::map<std::string, Json> reviews;
  for (const RuleReview& review :
       ComputeReview(session.engine().store(), as_of, std::nullopt)) {
    reviews[review.rule_id] = ReviewJson(review);
  }
  for (const Rule& rule : configuration->rules->rules) {
    Json json = RuleJson(rule, session, as_of);
    auto review = reviews.find(rule.id);
    json["review"] = review == reviews.end() ? Json() : review->second;
    model["rules"].push_back(std::move(json));
  }
  return model;
}

Result<Json> RuleModel(Session& session, const std::string& rule_id,
                       Instant as_of) {
  auto configuration = session.configuration();
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  const Rule* rule = configuration->rules->Find(rule_id);
  std::vector<SlotRow> slots =
      session.engine().ledger().slots().Newest(rule_id, 60);
  Json review = ReviewOf(session, rule_id, as_of);
  if (!rule && slots.empty() && review.is_null()) {
    return Fail(ErrorKind::kNotFound, "there is no rule \"" + rule_id + "\"");
  }
  Json model = rule ? RuleJson(*rule, session, as_of)
                    : Json{{"rule_id", rule_id},
                           {"name", {{"zh", rule_id}, {"en", rule_id}}},
                           {"enabled", false}};
  model["as_of"] = calendar.FormatMinute(as_of);
  model["review"] = std::move(review);
  model["decisions"] = DecisionsModel(session, rule_id);
  model["versions"] = VersionsJson(session, rule_id, calendar);
  model["slots"] = Json::array();
  for (const SlotRow& slot : slots) {
    model["slots"].push_back(SlotJson(slot, calendar));
  }
  return model;
}

}  // namespace rekindle
