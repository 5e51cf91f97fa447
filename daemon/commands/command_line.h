// The operator's command line: one table of commands, parsed with CLI11.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "config/base/rows.h"
#include "daemon/generate/car_app.h"
#include "engine/intake/importer.h"

namespace rekindle {

// What the operator asked for. Texts that need the configuration to be read
// (instants, rule ids) are kept as written.
struct CommandLine {
  std::string command;              // "check", "import", ...
  std::string config;               // --config; empty: look for it
  std::string as_of;                // --as-of; empty: now
  std::optional<RowFormat> format;  // absent: table on a terminal, else csv
  std::string log_level = "warn";

  std::optional<std::string> rule;  // plan, run, explain, review
  std::string user;                 // explain, forget
  std::string export_name;          // export
  std::string unit;                 // export retention
  std::string behavior;             // export retention
  std::string store_action;         // store: check, compact or stats
  std::vector<std::string> files;   // import, receipt
  std::string channel;              // receipt
  std::string recipient;            // receipt
  ImportRequest import;

  // generate; instants and effects as written
  GenerateOptions generate;
  std::string end;
  std::string follow;
  std::vector<std::string> effects;
  int weeks = 4;
  std::optional<uint64_t> outcome_seed;
};

// What parsing came to: a command to run, or a text to print and an exit code
// (--help and --version on stdout with 0, wrong usage on stderr with 2).
struct ParsedCommand {
  std::optional<CommandLine> line;
  std::string text;
  int exit_code = 0;
};
ParsedCommand ParseCommandLine(const std::vector<std::string>& arguments);

}  // namespace rekindle
