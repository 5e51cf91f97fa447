#include "daemon/commands/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "config/base/words.h"
#include "daemon/commands/command_options.h"
#include "daemon/session/version.h"

namespace rekindle {
namespace {

CommandLine Finish(GivenOptions given, const std::string& command) {
  CommandLine line = std::move(given.line);
  line.command = command;
  if (!given.rule.empty()) line.rule = given.rule;
  if (command == "import") {
    if (!given.format.empty()) {
      line.import.format = ParseImportFormat(given.format);
    }
    if (given.users) line.import.what = ImportWhat::kUsers;
    if (given.touches) line.import.what = ImportWhat::kTouches;
    if (given.suppressions) line.import.what = ImportWhat::kSuppressions;
    if (given.tags) line.import.what = ImportWhat::kTags;
    if (given.receipts) line.import.what = ImportWhat::kReceipts;
  } else if (!given.format.empty()) {
    line.format = ParseRowFormat(given.format);
  }
  return line;
}

// Why the options do not go together, where CLI11 cannot tell.
std::string WhyMisplaced(const CommandLine& line) {
  const bool channel = line.command == "channel";
  const std::string& action = channel ? line.channel_action : line.store_action;
  if (!line.format || action.empty()) return "";
  // The others print no rows.
  const char* const with_rows = channel ? "status" : "stats";
  if (action == with_rows) return "";
  return fmt::format("error: --format goes with {} {}\n", line.command,
                     with_rows);
}

// The example of every command, a line each.
std::string ExamplesOf(const CLI::App& cli) {
  std::string examples = "Examples:\n";
  for (const CLI::App* command : cli.get_subcommands({})) {
    const std::string footer = command->get_footer();
    examples +=
        "  " + Split(footer, '\n').front().substr(kExample.size()) + "\n";
  }
  return examples;
}

// The option that the command does not have, if one was given. A value that
// looks like one is none.
std::optional<std::string> UnknownOption(
    const CLI::App& command, const std::vector<std::string>& arguments) {
  for (size_t i = 1; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (!arguments[i].starts_with("--")) continue;
    const size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr) return name;
    if (equals == std::string::npos) i += option->get_items_expected_min();
  }
  return std::nullopt;
}

std::vector<std::string> OptionsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options({})) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

// A command or an option that there is not: CLI11 would only say that a
// subcommand is needed, or that words are left over. Empty where all are known.
std::string UnknownWord(const CLI::App& cli,
                        const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-")) return "";
  std::vector<std::string> names;
  for (const CLI::App* command : cli.get_subcommands({})) {
    names.push_back(command->get_name());
    if (names.back() != arguments[0]) continue;
    const auto unknown = UnknownOption(*command, arguments);
    if (!unknown) return "";
    return fmt::format("error: {} has no option {}{}\n", arguments[0], *unknown,
                       Suggestion(*unknown, OptionsOf(*command)));
  }
  return fmt::format("error: there is no command \"{}\"{}\n", arguments[0],
                     Suggestion(arguments[0], names));
}

}  // namespace

bool RecordsPerson(const CommandLine& line) {
  return line.pass_guard || line.command == "approve" ||
         line.command == "pause" || line.command == "resume";
}

ParsedCommand ParseCommandLine(const std::vector<std::string>& arguments) {
  CLI::App cli(
      "Rekindle: who has gone quiet, what brings them back, and "
      "whether it did.",
      "rekindle");
  GivenOptions given;
  cli.set_version_flag("--version", kVersion);
  cli.require_subcommand(1);
  AddCommands(cli, &given);
  cli.footer(ExamplesOf(cli) +
             "\nrekindle COMMAND --help explains one command.\n"
             "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 "
             "done but some input was rejected.");
  if (const std::string unknown = UnknownWord(cli, arguments);
      !unknown.empty()) {
    return {std::nullopt, unknown, 2};
  }
  // CLI11 takes the words in reverse.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    cli.parse(reversed);
  } catch (const CLI::ParseError& e) {
    std::ostringstream out, err;
    bool helped = cli.exit(e, out, err) == 0;
    return {std::nullopt, helped ? out.str() : err.str(), helped ? 0 : 2};
  }
  CommandLine line =
      Finish(std::move(given), cli.get_subcommands().front()->get_name());
  if (std::string why = WhyMisplaced(line); !why.empty()) {
    return {std::nullopt, std::move(why), 2};
  }
  return {std::move(line), "", 0};
}

}  // namespace rekindle
