#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/pages/models.h"

namespace rekindle {
namespace {

constexpr int64_t kPerPage = 50;

Json TouchJson(const TouchRow& t, const Calendar& calendar) {
  return {{"touch_id", t.touch_id},
          {"rule_id", t.rule_id},
          {"user_id", t.user_id},
          {"slot", calendar.FormatMinute(t.slot)},
          {"planned_at", calendar.FormatMinute(t.planned_at)},
          {"due_at", calendar.FormatMinute(t.due_at)},
          {"arm", ArmName(t.arm)},
          {"variant", t.variant},
          {"channel", t.channel},
          {"touch_state", TouchStateName(t.state)},
          {"reason", t.reason},
          {"detail", t.detail},
          {"attempts", t.attempts},
          {"goal_at",
           t.goal_at ? Json(calendar.FormatMinute(*t.goal_at)) : Json()}};
}

}  // namespace

Result<Json> TouchesModel(Session& session, const TouchesAsk& ask) {
  TouchFilter filter{.limit = kPerPage};
  if (!ask.rule_id.empty()) filter.rule_id = ask.rule_id;
  if (!ask.state.empty()) {
    filter.state = ParseTouchState(ask.state);
    if (!filter.state) {
      return Fail(ErrorKind::kUsage,
                  "there is no touch state \"" + ask.state + "\"");
    }
  }
  Ledger& ledger = session.engine().ledger();
  int64_t total = ledger.CountTouches(filter);
  int64_t pages = std::max<int64_t>(1, (total + kPerPage - 1) / kPerPage);
  int64_t page = std::clamp<int64_t>(ask.page, 1, pages);
  filter.offset = (page - 1) * kPerPage;
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  Json model = {{"total", total},           {"page", page},
                {"pages", pages},           {"rule_id", ask.rule_id},
                {"touch_state", ask.state}, {"touches", Json::array()}};
  auto held = session.engine().At(session.clock().Now());  // for the ids
  for (const TouchRow& touch : ledger.Touches(filter)) {
    model["touches"].push_back(TouchJson(touch, calendar));
  }
  return model;
}

}  // namespace rekindle
