// `rekindle explain`: a user's state and labels, and each rule's stages with
// the values compared.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <nlohmann/json.hpp>

#include "daemon/commands/command.h"
#include "daemon/commands/slot_report.h"
#include "daemon/session/user_view.h"

namespace rekindle {
namespace {

using Json = nlohmann::ordered_json;

void PrintFinding(const Json& finding, int depth, std::ostream& out) {
  fmt::print(out, "{:{}}{} {}: wanted {}", "", depth * 2,
             finding["holds"].get<bool>() ? "+" : "-",
             finding["key"].get<std::string>(),
             finding["wanted"].get<std::string>());
  if (!finding["actual"].get<std::string>().empty()) {
    fmt::print(out, ", is {}", finding["actual"].get<std::string>());
  }
  out << "\n";
  for (const Json& part : finding["parts"]) PrintFinding(part, depth + 1, out);
}

void PrintRule(const Json& rule, std::ostream& out) {
  fmt::print(out, "\nrule {}: {}{}\n", rule["rule_id"].get<std::string>(),
             rule["decision"].get<std::string>(),
             rule["reason"].get<std::string>().empty()
                 ? ""
                 : " (" + rule["reason"].get<std::string>() + ")");
  PrintFinding(rule["condition"], 1, out);
  for (const Json& stage : rule["stages"]) {
    fmt::print(out, "  {} {}", stage["passed"].get<bool>() ? "+" : "-",
               stage["stage"].get<std::string>());
    if (!stage["detail"].get<std::string>().empty()) {
      fmt::print(out, ": {}", stage["detail"].get<std::string>());
    }
    out << "\n";
  }
}

std::string StandingText(const Json& standing) {
  const auto text = [&](const char* key) {
    return standing[key].get<std::string>();
  };
  std::string all = text("state");
  if (!text("substate").empty()) all += "/" + text("substate");
  if (!text("labels").empty()) all += "; " + text("labels");
  return all.empty() ? "not known" : all;
}

void PrintText(const Json& view, std::ostream& out) {
  fmt::print(out, "user {}\n", view["user_id"].get<std::string>());
  for (const char* key : {"state", "substate", "registered", "last_active_day",
                          "inactive_periods", "tags"}) {
    if (view[key].empty() || view[key] == "") continue;
    fmt::print(out, "  {:18}{}\n", key,
               view[key].is_string() ? view[key].get<std::string>()
                                     : view[key].dump());
  }
  for (const Json& label : view["labels"]) {
    fmt::print(out, "  label {:12}{} of {} days{}\n",
               label["label"].get<std::string>(), label["days"].get<int>(),
               label["active_days"].get<int>(),
               label["labeled"].get<bool>() ? ", labeled" : "");
  }
  for (const Json& change : view["history"]) {
    fmt::print(out, "  since {:18}{}\n", change["at"].get<std::string>(),
               StandingText(change["to"]));
  }
  for (const Json& skip : view["skips"]) {
    fmt::print(
        out, "  {:18}left out by {}: {}\n", skip["slot"].get<std::string>(),
        skip["rule_id"].get<std::string>(), skip["reason"].get<std::string>());
  }
  for (const Json& rule : view["rules"]) PrintRule(rule, out);
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
    streams.out << view->dump() << "\n";
  } else {
    PrintText(*view, streams.out);
  }
  return kExitDone;
}

}  // namespace rekindle
