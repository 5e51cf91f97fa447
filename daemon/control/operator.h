// The operator's process: parse, then run the command here or in the daemon.
#pragma once

#include <string>
#include <vector>

namespace rekindle {

// The exit code of design.md section 3.
int RunOperator(const std::vector<std::string>& arguments);

}  // namespace rekindle
