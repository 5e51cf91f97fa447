#include "daemon/commands/slot_report.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "config/base/words.h"

namespace rekindle {
namespace {

std::string_view VerdictName(SlotVerdict verdict) {
  switch (verdict) {
    case SlotVerdict::kWorked:
      return "worked";
    case SlotVerdict::kDone:
      return "done before";
    case SlotVerdict::kMissed:
      return "missed";
    case SlotVerdict::kStopped:
      return "stopped";
    case SlotVerdict::kNotDue:
      return "not due";
    case SlotVerdict::kWaits:
      return "waits";
  }
  return "";
}

std::string SlotText(const SlotPlan& plan, const Calendar& calendar) {
  return plan.slot ? calendar.FormatMinute(*plan.slot) : "no slot";
}

// Behind the verdict, of a slot that is not worked.
std::string WhyNot(const SlotPlan& plan) {
  if (!plan.waits_for.empty()) return ": " + WaitText(plan.waits_for).English();
  if (plan.verdict != SlotVerdict::kStopped) return "";
  return fmt::format(" by {}{}{}", ReasonCode(plan.reason),
                     plan.detail.empty() ? "" : ": ", plan.detail.English());
}

}  // namespace

Status CheckRule(const std::optional<std::string>& rule,
                 const Session& session) {
  auto configuration = session.configuration();
  if (!rule || configuration->rules->Find(*rule)) return {};
  std::vector<std::string> ids;
  for (const Rule& r : configuration->rules->rules) ids.push_back(r.id);
  return Fail(ErrorKind::kUsage, fmt::format("there is no rule \"{}\"{}", *rule,
                                             Suggestion(*rule, ids)));
}

void WriteSlotSummary(const std::vector<SlotPlan>& plans,
                      const Calendar& calendar, std::ostream& out) {
  for (const SlotPlan& plan : plans) {
    fmt::print(out, "{} {}: ", plan.rule_id, SlotText(plan, calendar));
    if (plan.verdict != SlotVerdict::kWorked) {
      fmt::print(out, "{}{}", VerdictName(plan.verdict), WhyNot(plan));
      if (plan.candidates.empty()) {
        fmt::print(out, "\n");
        continue;
      }
      fmt::print(out, "; ");
    }
    std::vector<std::string> parts;
    for (Decision d : {Decision::kSend, Decision::kDefer, Decision::kHoldOut,
                       Decision::kSkip}) {
      int64_t count = plan.Count(d);
      if (count > 0) {
        parts.push_back(fmt::format("{} {}", count, DecisionName(d)));
      }
    }
    fmt::print(out, "{} matched{}{}", plan.candidates.size(),
               parts.empty() ? "" : ": ", Join(parts, ", "));
    std::vector<std::string> reasons;
    for (const auto& [reason, count] : plan.SkippedByReason()) {
      reasons.push_back(fmt::format("{} {}", reason, count));
    }
    if (!reasons.empty()) fmt::print(out, " ({})", Join(reasons, ", "));
    fmt::print(out, "\n");
  }
}

void WriteSlotRows(const std::vector<SlotPlan>& plans, const Calendar& calendar,
                   RowSink& sink) {
  sink.Header({"rule_id", "slot", "verdict", "matched", "send", "defer",
               "hold_out", "skip", "skipped"});
  for (const SlotPlan& plan : plans) {
    std::vector<std::string> reasons;
    for (const auto& [reason, count] : plan.SkippedByReason()) {
      reasons.push_back(fmt::format("{}:{}", reason, count));
    }
    sink.Row({plan.rule_id,
              plan.slot ? Cell(calendar.Format(*plan.slot)) : Cell(),
              plan.verdict == SlotVerdict::kStopped
                  ? std::string(ReasonCode(plan.reason))
                  : std::string(VerdictName(plan.verdict)),
              static_cast<int64_t>(plan.candidates.size()),
              plan.Count(Decision::kSend), plan.Count(Decision::kDefer),
              plan.Count(Decision::kHoldOut), plan.Count(Decision::kSkip),
              Join(reasons, ";")});
  }
  sink.Finish();
}

}  // namespace rekindle
