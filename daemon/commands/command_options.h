// The commands with their options, as `--help` tells them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "daemon/commands/command_line.h"

namespace rekindle {

// What CLI11 fills: the command line, and what becomes a part of it once the
// command is known.
struct GivenOptions {
  CommandLine line;
  std::string format;
  std::string rule;
  bool users = false, touches = false, suppressions = false, tags = false,
       receipts = false, dsn = false;
};

// A command's footer is this and its example, one line.
inline constexpr std::string_view kExample = "Example: ";

void AddCommands(CLI::App& cli, GivenOptions* given);

}  // namespace rekindle
