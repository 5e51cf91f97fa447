// The operator's command line: one table of commands, parsed with CLI11.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/base/rows.h"
#include "daemon/generate/car_app.h"
#include "engine/import/importer.h"

namespace rekindle {

// What the operator asked for. Texts that need the configuration to be read
// (instants, rule ids) are kept as written.
struct CommandLine {
  std::string command;              // "check", "import", ...
  std::string config;               // --config; empty: look for it
  std::string as_of;                // --as-of; empty: now
  std::optional<RowFormat> format;  // absent: table on a terminal, else csv
  std::string log_level = "warn";

  // plan, run, explain, review, approve, approvals, pause, resume
  std::optional<std::string> rule;
  bool pass_guard = false;          // run
  std::string version;              // approve
  std::optional<std::string> slot;  // approve (empty: the latest), settle
  std::string by;                   // approve, pause, resume, run --pass-guard
  std::string note;                 // approve, pause, resume
  std::string user;                 // explain, forget
  std::string export_name;          // export
  std::string unit;                 // export retention
  std::string behavior;             // export retention
  std::string store_action;         // store: check, compact or stats
  std::string channel_action;       // channel: pause, resume, drain or status
  std::string channel;              // channel, settle, receipt
  std::vector<std::string> touch_ids;  // settle
  std::string settle_as;               // settle: accepted, failed or resend
  bool dry_run = false;                // settle
  std::vector<std::string> files;      // import, receipt
  std::string recipient;               // receipt
  ImportRequest import;

  // generate; instants and effects as written
  GenerateOptions generate;
  std::string end;
  std::string share;
  std::string follow;
  std::vector<std::string> effects;
  int weeks = 4;
  std::optional<uint64_t> outcome_seed;
};

// The result of parsing: a command to run, or a text to print and an exit code
// (--help and --version on stdout with 0, wrong usage on stderr with 2).
struct ParsedCommand {
  std::optional<CommandLine> line;
  std::string text;
  int exit_code = 0;
};
// True for commands that record who gave them.
bool RecordsPerson(const CommandLine& line);
ParsedCommand ParseCommandLine(const std::vector<std::string>& arguments);

}  // namespace rekindle
