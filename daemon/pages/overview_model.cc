#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/pages/models.h"
#include "engine/flows/flows.h"

namespace rekindle {
namespace {

Json Rate(std::optional<double> rate) { return rate ? Json(*rate) : Json(); }

// The holidays and notes of a period: they explain a dip.
Json MarksJson(const CalendarNotes& notes, int32_t period, PeriodUnit unit) {
  const LocalDay first = FirstDayOf(period, unit);
  const LocalDay last = LastDayOf(period, unit);
  Json marks = Json::array();
  for (const DayRange& range : notes.holidays) {
    if (range.last < first || range.first > last) continue;
    std::string days = FormatDay(range.first);
    if (range.last != range.first) days += ".." + FormatDay(range.last);
    marks.push_back({{"days", days}, {"is_holiday", true}});
  }
  for (const auto& [day, text] : notes.notes) {
    if (day < first || day > last) continue;
    marks.push_back({{"days", FormatDay(day)},
                     {"text", {{"zh", text.zh}, {"en", text.en}}},
                     {"is_holiday", false}});
  }
  return marks;
}

Json FlowJson(const FlowRow& row, PeriodUnit unit, bool to_date) {
  Json states = Json::object();
  for (State s : kAllStates) {
    states[std::string(StateName(s))] = row.count[static_cast<int>(s)];
  }
  return {{"period", PeriodName(row.period, unit)},
          {"to_date", to_date},
          {"states", states},
          {"total", row.total},
          {"mau", row.mau},
          {"active_rate", Rate(row.active_rate())},
          {"old_user_retention", Rate(row.old_users.rate())},
          {"new_user_retention", Rate(row.new_users.rate())},
          {"wake_rate", Rate(row.dormant.rate())},
          {"winback_rate", Rate(row.churned.rate())}};
}

Json StatesJson(const FlowRow& row) {
  Json states = Json::array();
  for (State s : kAllStates) {
    int64_t users = row.count[static_cast<int>(s)];
    states.push_back(
        {{"state", StateName(s)},
         {"users", users},
         {"share", row.total == 0 ? Json() : Json(double(users) / row.total)},
         {"active", IsActiveState(s)}});
  }
  return states;
}

Json LabelsJson(const Snapshot& facts) {
  Json labels = Json::array();
  uint64_t known = facts.Known().Count();
  const auto& configured = facts.settings().preferences.labels;
  for (size_t i = 0; i < configured.size(); ++i) {
    uint64_t users = facts.Labeled(i).Count();
    labels.push_back(
        {{"label", configured[i].name},
         {"name",
          {{"zh", configured[i].title.zh}, {"en", configured[i].title.en}}},
         {"users", users},
         {"share", known == 0 ? Json() : Json(double(users) / known)}});
  }
  return labels;
}

// Before the first month with events there are registrations only: nothing to
// read off, so the table does not show it.
int32_t FirstPeriodShown(const Snapshot& facts) {
  auto months = facts.columns().Months(BehaviorSet::kActivity);
  if (!months) return INT32_MIN;
  return PeriodOf(FirstDayOf(months->first, PeriodUnit::kMonth),
                  facts.settings().lifecycle.period);
}

}  // namespace

Json OverviewModel(Session& session, Instant as_of, int periods) {
  auto facts = session.engine().At(as_of);
  const EngineSettings& settings = facts->settings();
  PeriodUnit unit = settings.lifecycle.period;
  std::vector<FlowRow> flows = ComputeFlows(*facts).flows;
  Json model = {{"as_of", settings.calendar.FormatMinute(as_of)},
                {"time_zone", settings.calendar.zone_name()},
                {"period_unit", PeriodUnitName(unit)},
                {"exact", facts->exact()},
                {"known", facts->Known().Count()},
                {"filling", FillingModel(session.engine())}};
  model["target_active_rate"] = Rate(settings.target_active_rate);
  model["states"] = flows.empty() ? Json::array() : StatesJson(flows.back());
  model["active_rate"] =
      flows.empty() ? Json() : Rate(flows.back().active_rate());
  model["mau"] = flows.empty() ? 0 : flows.back().mau;
  model["labels"] = LabelsJson(*facts);
  model["flows"] = Json::array();
  const int32_t first_shown = FirstPeriodShown(*facts);
  for (size_t i = flows.size();
       i-- > 0 && model["flows"].size() < static_cast<size_t>(periods);) {
    if (flows[i].period < first_shown) break;
    bool current = i + 1 == flows.size() &&
                   facts->today() < LastDayOf(flows[i].period, unit);
    model["flows"].push_back(FlowJson(flows[i], unit, current));
    model["flows"].back()["marks"] =
        MarksJson(settings.notes, flows[i].period, unit);
  }
  return model;
}

}  // namespace rekindle
