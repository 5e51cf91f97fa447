// `rekindle plan`: what a run would do, and why not for the rest.
#include <fmt/format.h>

#include <ostream>

#include "daemon/commands/command.h"
#include "daemon/commands/slot_report.h"

namespace rekindle {
namespace {

void WriteCandidates(const std::vector<SlotPlan>& plans,
                     const UserDirectory& users, RowSink& sink) {
  sink.Header({"rule_id", "user_id", "decision", "reason", "channel",
               "template", "variant"});
  for (const SlotPlan& plan : plans) {
    // Behind the blast guard nobody is reached; what waits for approval is
    // shown as it would be.
    const bool guarded = plan.reason == Reason::kBlastGuard;
    for (Candidate c : plan.candidates) {
      if (guarded && IsTouch(c)) {
        c.decision = Decision::kSkip;
        c.reason = Reason::kBlastGuard;
      }
      const bool reaches = IsOpen(c);
      sink.Row({plan.rule_id, std::string(users.IdOf(c.user)),
                std::string(DecisionName(c.decision)),
                std::string(ReasonCode(c.reason)),
                std::string(reaches ? ChannelOf(*plan.rule, c) : ""),
                std::string(reaches ? TemplateOf(*plan.rule, c) : ""),
                std::string(reaches ? VariantOf(*plan.rule, c) : "")});
    }
  }
  sink.Finish();
}

}  // namespace

int RunPlan(const CommandLine& line, Session& session,
            CommandStreams& streams) {
  auto as_of = AsOf(line, session);
  if (!as_of) return Report(as_of.error(), streams);
  if (auto known = CheckRule(line.rule, session); !known) {
    return Report(known.error(), streams);
  }
  std::vector<SlotPlan> plans =
      session.Plan(*as_of, Planner::Ask{.rule_id = line.rule});
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  auto snapshot = session.engine().At(*as_of);
  WriteCandidates(plans, snapshot->users(), *sink);
  WriteSlotSummary(plans, session.engine().settings()->calendar, streams.err);
  return kExitDone;
}

}  // namespace rekindle
