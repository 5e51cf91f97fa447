// Asks a running daemon to do a command.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/base/result.h"

namespace rekindle {

// The exit code; nothing where no daemon listens on the folder's socket. The
// files (`-` is standard input) are opened here and handed over.
Result<std::optional<int>> AskDaemon(const std::filesystem::path& data_dir,
                                     const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& files);

}  // namespace rekindle
