// The operator's process: parse, then run the command here or in the daemon.
#pragma once

#include <string>
#include <vector>

namespace rekindle {

// Returns the exit code (daemon/commands/command.h).
int RunOperator(const std::vector<std::string>& arguments);

}  // namespace rekindle
