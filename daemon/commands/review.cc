// `rekindle review`: what each rule changed.
#include "engine/review/review.h"

#include <fmt/format.h>

#include "config/base/words.h"
#include "daemon/commands/command.h"
#include "daemon/commands/slot_report.h"

namespace rekindle {
namespace {

std::string SkippedText(const RuleReview& review) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : review.skipped) {
    parts.push_back(fmt::format("{}:{}", reason, count));
  }
  return Join(parts, ";");
}

int64_t CountOf(const RuleReview& review, TouchState state) {
  auto found = review.by_state.find(state);
  return found == review.by_state.end() ? 0 : found->second;
}

Cell RateOf(const ArmResult& arm) {
  return arm.users == 0 ? Cell() : Cell(arm.rate());
}

void WriteReview(const std::vector<RuleReview>& reviews, RowSink& sink) {
  sink.Header({"rule_id",
               "slots",
               "missed_slots",
               "matched",
               "skipped",
               "treated",
               "held_out",
               "accepted",
               "delivered",
               "opened",
               "clicked",
               "bounced",
               "complained",
               "unsubscribed",
               "failed",
               "unknown",
               "dropped",
               "waiting",
               "goal_reached",
               "open_windows",
               "treated_users",
               "treated_rate",
               "held_out_users",
               "held_out_rate",
               "uplift",
               "uplift_low",
               "uplift_high",
               "p_value",
               "incremental_users",
               "verdict",
               "cost"});
  for (const RuleReview& r : reviews) {
    auto uplift = [&](double Uplift::*part) {
      return r.uplift ? Cell((*r.uplift).*part) : Cell();
    };
    sink.Row({r.rule_id,
              r.slots,
              r.missed_slots,
              r.matched,
              SkippedText(r),
              r.treated,
              r.held_out,
              r.accepted,
              r.delivered,
              r.opened,
              r.clicked,
              r.bounced,
              r.complained,
              r.unsubscribed,
              CountOf(r, TouchState::kFailed),
              CountOf(r, TouchState::kUnknown),
              CountOf(r, TouchState::kDropped),
              CountOf(r, TouchState::kPlanned),
              r.goal_reached,
              r.open_windows,
              r.treated_users.users,
              RateOf(r.treated_users),
              r.held_out_users.users,
              RateOf(r.held_out_users),
              uplift(&Uplift::difference),
              uplift(&Uplift::low),
              uplift(&Uplift::high),
              uplift(&Uplift::p_value),
              r.incremental_users ? Cell(*r.incremental_users) : Cell(),
              std::string(VerdictName(r.verdict)),
              static_cast<double>(r.cost) / 1e6});
  }
  sink.Finish();
}

}  // namespace

int RunReview(const CommandLine& line, Session& session,
              CommandStreams& streams) {
  auto as_of = AsOf(line, session);
  if (!as_of) return Report(as_of.error(), streams);
  std::vector<RuleReview> reviews =
      ComputeReview(session.engine().store(), *as_of, line.rule);
  // A rule that is gone from the files may still be reviewed.
  if (reviews.empty()) {
    if (auto known = CheckRule(line.rule, session); !known) {
      return Report(known.error(), streams);
    }
  }
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  WriteReview(reviews, *sink);
  return kExitDone;
}

}  // namespace rekindle
