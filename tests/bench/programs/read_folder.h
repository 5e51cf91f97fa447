// The plain read of a data folder: the reference of every start.
#pragma once

#include <cstdint>
#include <filesystem>

namespace rekindle::bench {

// Reads every file below the folder from begin to end; returns the bytes.
int64_t ReadFolder(const std::filesystem::path& folder);

}  // namespace rekindle::bench
