// `rekindle explain`: a user's state and labels, and each rule's stages with
// the values compared.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <nlohmann/json.hpp>

#include "config/base/json_text.h"
#include "daemon/commands/command.h"
#include "daemon/commands/slot_report.h"
#include "daemon/session/user_view_json.h"

namespace rekindle {
namespace {

void PrintFinding(const Finding& finding, int depth, std::ostream& out) {
  fmt::print(out, "{:{}}{} {}: wanted {}", "", depth * 2,
             finding.holds ? "+" : "-", finding.key, finding.wanted.English());
  if (!finding.actual.empty()) {
    fmt::print(out, ", is {}", finding.actual.English());
  }
  out << "\n";
  for (const Finding& part : finding.parts) PrintFinding(part, depth + 1, out);
}

void PrintRule(const Planner::Explanation& rule, std::ostream& out) {
  fmt::print(out, "\nrule {}: {}{}\n", rule.rule_id, DecisionWord(rule),
             rule.reason.empty() ? "" : " (" + rule.reason + ")");
  PrintFinding(rule.condition, 1, out);
  for (const StageFinding& stage : rule.stages) {
    fmt::print(out, "  {} {}", stage.passed ? "+" : "-", stage.stage);
    if (!stage.detail.empty()) {
      fmt::print(out, ": {}", stage.detail.English());
    }
    out << "\n";
  }
}

std::string StandingText(const Standing& standing) {
  std::string all(StateName(standing.state));
  if (!standing.substate.empty()) all += "/" + standing.substate;
  if (!standing.labels.empty()) all += "; " + standing.labels;
  return all.empty() ? "not known" : all;
}

void PrintFact(std::string_view name, std::string_view text,
               std::ostream& out) {
  if (!text.empty()) fmt::print(out, "  {:18}{}\n", name, text);
}

void PrintFacts(const UserView& view, std::ostream& out) {
  const auto& lifecycle = view.lifecycle;
  if (lifecycle) {
    PrintFact("state", StateName(lifecycle->state), out);
    PrintFact("substate", lifecycle->substate, out);
    PrintFact("registered", FormatDay(lifecycle->registered), out);
    PrintFact("last_active_day", FormatDay(lifecycle->last_active_day), out);
    PrintFact("inactive_periods", std::to_string(lifecycle->inactive_periods),
              out);
  }
  if (!view.tags.empty()) {
    PrintFact("tags", JsonText(nlohmann::ordered_json(view.tags)), out);
  }
  if (!lifecycle) return;
  for (const LabelShare& share : lifecycle->labels) {
    fmt::print(out, "  label {:12}{} of {} days{}\n",
               view.settings->preferences.labels[share.label].name, share.days,
               share.active_days, share.labeled ? ", labeled" : "");
  }
}

void PrintText(const UserView& view, std::ostream& out) {
  const Calendar& calendar = view.settings->calendar;
  fmt::print(out, "user {}\n", view.user_id);
  PrintFacts(view, out);
  for (const StandingChange& change : view.history) {
    fmt::print(out, "  since {:18}{}\n", calendar.FormatMinute(change.at),
               StandingText(change.to));
  }
  for (const SkipRow& skip : view.skips) {
    fmt::print(out, "  {:18}left out by {}: {}\n",
               calendar.FormatMinute(skip.slot), skip.rule_id, skip.reason);
  }
  for (const Planner::Explanation& rule : view.rules) PrintRule(rule, out);
}

}  // namespace

int RunExplain(const CommandLine& line, Session& session,
               CommandStreams& streams) {
  auto as_of = AsOf(line, session);
  if (!as_of) return Report(as_of.error(), streams);
  if (auto known = CheckRule(line.rule, session); !known) {
    return Report(known.error(), streams);
  }
  auto view = DescribeUser(session, line.user, *as_of, line.rule);
  if (!view) return Report(view.error(), streams);
  if (line.format == RowFormat::kNdjson) {
    streams.out << JsonText(UserViewJson(*view, &Phrase::English)) << "\n";
  } else {
    PrintText(*view, streams.out);
  }
  return kExitDone;
}

}  // namespace rekindle
