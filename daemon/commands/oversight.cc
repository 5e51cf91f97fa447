// `rekindle approve`, `approvals`, `pause`, `resume`: what people decide on
// rules.
#include "engine/oversight/oversight.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "daemon/commands/command.h"
#include "daemon/commands/slot_report.h"
#include "daemon/session/rule_oversight.h"
#include "rules/decision/decision.h"

namespace rekindle {
namespace {

// Shorter ones could be slips.
constexpr size_t kShortestVersion = 4;

// What every decision needs.
struct Asked {
  std::shared_ptr<const Configuration> configuration;
  const Rule* rule = nullptr;
  Instant now;
};

Result<Asked> Read(const CommandLine& line, const Session& session) {
  auto now = AsOf(line, session);
  if (!now) return tl::make_unexpected(now.error());
  if (auto known = CheckRule(line.rule, session); !known) {
    return tl::make_unexpected(known.error());
  }
  Asked asked{session.configuration(), nullptr, *now};
  asked.rule = asked.configuration->rules->Find(*line.rule);
  return asked;
}

RuleDecision DecisionOf(const CommandLine& line, const Asked& asked,
                        OversightAction action) {
  return {asked.rule->id, action,   asked.rule->version, std::nullopt, line.by,
          line.note,      asked.now};
}

bool Record(Session& session, const RuleDecision& decision) {
  return session.engine().store().Write(
      [&](SQLite::Database& db) { return Oversight::Record(db, decision); });
}

// The slot of --slot: the one named, or the latest that the guard stopped.
Result<SlotRow> StoppedSlot(const CommandLine& line, const Asked& asked,
                            Session& session) {
  const Calendar& calendar = asked.configuration->engine->calendar;
  std::optional<Instant> wanted;
  if (!line.slot->empty()) {
    auto moment = calendar.ParseMoment(*line.slot);
    if (!moment) {
      return Fail(ErrorKind::kUsage, "--slot: " + moment.error().message);
    }
    wanted = moment->at;
  }
  for (const SlotRow& slot :
       session.engine().ledger().slots().Newest(asked.rule->id, 0)) {
    if (slot.state == SlotState::kStopped &&
        slot.reason == ReasonCode(Reason::kBlastGuard) &&
        (!wanted || slot.slot == *wanted)) {
      return slot;
    }
  }
  return Fail(ErrorKind::kNotFound,
              wanted
                  ? fmt::format("the slot {} of rule \"{}\" is not stopped "
                                "by the blast guard",
                                calendar.FormatMinute(*wanted), asked.rule->id)
                  : fmt::format("no slot of rule \"{}\" is stopped by the "
                                "blast guard",
                                asked.rule->id));
}

int ApproveSlot(const CommandLine& line, const Asked& asked, Session& session,
                CommandStreams& streams) {
  auto slot = StoppedSlot(line, asked, session);
  if (!slot) return Report(slot.error(), streams);
  const EngineSettings& settings = *asked.configuration->engine;
  RuleDecision decision =
      DecisionOf(line, asked, OversightAction::kApproveSlot);
  decision.slot = slot->slot;
  Record(session, decision);
  const bool late =
      asked.now > Forward(asked.rule->max_late, slot->slot, settings.calendar,
                          settings.lifecycle.period);
  fmt::print(streams.out, "the slot {} of rule {} is let through by {}{}\n",
             settings.calendar.FormatMinute(slot->slot), asked.rule->id,
             line.by,
             late ? fmt::format("; it is later than max_late: `rekindle run "
                                "--rule {}` works it if it is the latest",
                                asked.rule->id)
                  : "; the next run works it");
  return kExitDone;
}

Status CheckVersion(const CommandLine& line, const Rule& rule) {
  if (line.version.empty()) return {};
  if (line.version.size() >= kShortestVersion &&
      rule.version.starts_with(line.version)) {
    return {};
  }
  return Fail(ErrorKind::kConflict,
              fmt::format("the version of rule \"{}\" in force is {}, not {}",
                          rule.id, rule.version, line.version));
}

std::vector<Cell> RowOf(const RuleDecision& decision,
                        const Calendar& calendar) {
  return {decision.rule_id,
          std::string(OversightActionName(decision.action)),
          decision.version,
          decision.slot ? Cell(calendar.Format(*decision.slot)) : Cell(),
          decision.person,
          decision.note,
          calendar.Format(decision.at)};
}

// What waits for a person: versions, and slots that the guard stopped.
void WriteWaiting(Session& session, const Rule& rule, const Calendar& calendar,
                  RowSink& sink) {
  const RuleOversight oversight = OversightOf(session, rule);
  if (oversight.waits_for_approval) {
    sink.Row({rule.id, "waiting", rule.version, {}, {}, {}, {}});
  }
  if (!oversight.guarded) return;
  const SlotRow& slot = *oversight.stopped;
  sink.Row({rule.id,
            "waiting_slot",
            slot.rule_version,
            calendar.Format(slot.slot),
            {},
            {},
            calendar.Format(slot.opened_at)});
}

int SetPaused(const CommandLine& line, bool pause, Session& session,
              CommandStreams& streams) {
  auto asked = Read(line, session);
  if (!asked) return Report(asked.error(), streams);
  const bool changed = Record(
      session,
      DecisionOf(line, *asked,
                 pause ? OversightAction::kPause : OversightAction::kResume));
  const std::string_view word = pause ? "paused" : "resumed";
  if (changed) {
    fmt::print(streams.out, "rule {} is {} by {}\n", asked->rule->id, word,
               line.by);
  } else {
    fmt::print(streams.out, "rule {} {}\n", asked->rule->id,
               pause ? "is paused already" : "is not paused");
  }
  return kExitDone;
}

}  // namespace

int RunApprove(const CommandLine& line, Session& session,
               CommandStreams& streams) {
  auto asked = Read(line, session);
  if (!asked) return Report(asked.error(), streams);
  if (Status same = CheckVersion(line, *asked->rule); !same) {
    return Report(same.error(), streams);
  }
  if (line.slot) return ApproveSlot(line, *asked, session, streams);
  Record(session, DecisionOf(line, *asked, OversightAction::kApprove));
  fmt::print(streams.out, "version {} of rule {} is approved by {}{}\n",
             asked->rule->version, asked->rule->id, line.by,
             asked->rule->approval_required
                 ? ""
                 : "; the rule does not ask for it (`approval: required`)");
  return kExitDone;
}

int RunApprovals(const CommandLine& line, Session& session,
                 CommandStreams& streams) {
  if (auto known = CheckRule(line.rule, session); !known) {
    return Report(known.error(), streams);
  }
  const auto configuration = session.configuration();
  const Calendar& calendar = configuration->engine->calendar;
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  sink->Header({"rule_id", "action", "version", "slot", "by", "note", "at"});
  for (const Rule& rule : configuration->rules->rules) {
    if (line.rule && *line.rule != rule.id) continue;
    WriteWaiting(session, rule, calendar, *sink);
  }
  session.engine().store().Read([&](SQLite::Database& db) {
    for (const RuleDecision& decision : Oversight::List(db, line.rule, 0)) {
      sink->Row(RowOf(decision, calendar));
    }
  });
  sink->Finish();
  return kExitDone;
}

int RunPause(const CommandLine& line, Session& session,
             CommandStreams& streams) {
  return SetPaused(line, true, session, streams);
}

int RunResume(const CommandLine& line, Session& session,
              CommandStreams& streams) {
  return SetPaused(line, false, session, streams);
}

}  // namespace rekindle
