// `rekindle run`: works the due slots once and sends what may leave at as_of.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "daemon/commands/command.h"
#include "daemon/commands/slot_report.h"
#include "engine/oversight/oversight.h"
#include "rules/slot_notices.h"

namespace rekindle {
namespace {

bool Moved(const DispatchSummary& s) {
  return s.accepted + s.failed + s.dropped + s.retried + s.unknown > 0;
}

void Add(const DispatchSummary& more, DispatchSummary* sum) {
  sum->accepted += more.accepted;
  sum->failed += more.failed;
  sum->dropped += more.dropped;
  sum->retried += more.retried;
  sum->unknown += more.unknown;
}

// A touch may fall back to a channel that was worked before: rounds go on
// until nothing moves.
std::map<std::string, DispatchSummary> DispatchAll(Session& session,
                                                   const Clock& clock) {
  std::map<std::string, DispatchSummary> sums;
  auto configuration = session.configuration();
  for (bool moved = true; moved;) {
    moved = false;
    for (const Channel& channel : configuration->channels) {
      DispatchSummary round =
          session.Dispatch(channel, clock, {.stop = [] { return false; }});
      Add(round, &sums[channel.id]);
      moved = moved || round.failed + round.dropped > 0;
    }
  }
  return sums;
}

// What a dispatch gave rise to goes out too.
void SendAllNotices(Session& session, const Clock& clock) {
  const auto configuration = session.configuration();
  for (const Channel& channel : configuration->channels) {
    session.SendNotices(channel, clock);
  }
}

// Nobody should take a stopped slot for one without users.
void WriteStopped(const std::vector<SlotPlan>& plans, const Calendar& calendar,
                  std::ostream& out) {
  std::vector<SlotPlan> stopped;
  for (const SlotPlan& plan : plans) {
    if (plan.verdict == SlotVerdict::kStopped) stopped.push_back(plan);
  }
  WriteSlotSummary(stopped, calendar, out);
}

void WriteDispatch(const std::string& channel, const DispatchSummary& s,
                   std::ostream& out) {
  if (!Moved(s)) return;
  fmt::print(out,
             "channel {}: {} accepted, {} failed, {} dropped, {} to be tried "
             "again, {} unknown\n",
             channel, s.accepted, s.failed, s.dropped, s.retried, s.unknown);
}

void WriteWaiting(Session& session, std::ostream& out) {
  Ledger& ledger = session.engine().ledger();
  int64_t waiting = ledger.CountTouches({.state = TouchState::kPlanned});
  if (waiting == 0) return;
  auto next = ledger.NextDue();
  fmt::print(
      out, "{} touches wait; the next may leave at {}\n", waiting,
      next ? session.engine().settings()->calendar.FormatMinute(*next) : "-");
}

// --pass-guard: the rule's latest slot is let through, on the record.
Status PassGuard(const CommandLine& line, Session& session, Instant as_of) {
  if (!line.rule) {
    return Fail(ErrorKind::kUsage, "--pass-guard goes with --rule");
  }
  const auto configuration = session.configuration();
  const Rule& rule = *configuration->rules->Find(*line.rule);
  const auto slot =
      rule.schedule.LatestDue(as_of, configuration->engine->calendar);
  if (!slot) return {};
  session.engine().store().Write([&](SQLite::Database& db) {
    Oversight::Record(db, {rule.id, OversightAction::kApproveSlot, rule.version,
                           slot, line.by, "run --pass-guard", as_of});
  });
  return {};
}

}  // namespace

int RunRun(const CommandLine& line, Session& session, CommandStreams& streams) {
  auto as_of = AsOf(line, session);
  if (!as_of) return Report(as_of.error(), streams);
  if (auto known = CheckRule(line.rule, session); !known) {
    return Report(known.error(), streams);
  }
  if (line.pass_guard) {
    if (Status passed = PassGuard(line, session, *as_of); !passed) {
      return Report(passed.error(), streams);
    }
  }
  std::vector<SlotPlan> plans =
      session.Run(*as_of, Planner::Ask{.rule_id = line.rule});
  // With an as-of in the past the journal may already hold what came after.
  session.engine().MatchGoalsSince(*as_of);

  FixedClock fixed(*as_of);
  const Clock& clock =
      line.as_of.empty() ? session.clock() : static_cast<Clock&>(fixed);
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  WriteSlotRows(plans, calendar, *sink);
  for (const auto& [channel, summary] : DispatchAll(session, clock)) {
    WriteDispatch(channel, summary, streams.err);
  }
  const auto rules = session.configuration()->rules;
  NoteFailures(session.engine(), *rules, *as_of);
  NoteHarms(session.engine(), *rules, *as_of);
  SendAllNotices(session, clock);
  WriteStopped(plans, calendar, streams.err);
  WriteWaiting(session, streams.err);
  return kExitDone;
}

}  // namespace rekindle
