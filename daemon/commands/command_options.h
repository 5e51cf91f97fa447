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

// Adds every command. Its footer is kExample and an example, one line each.
void AddCommands(CLI::App& cli, GivenOptions* given);
inline constexpr std::string_view kExample = "Example: ";

}  // namespace rekindle
