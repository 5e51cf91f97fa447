// Files as the benchmark writes and reads them itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace rekindle::bench {

// Written beside, synced, renamed. Failures are std::system_error.
void WriteDurably(const std::filesystem::path& file, std::string_view bytes);

// Reads every file below the folder from begin to end; returns the bytes.
int64_t ReadFolder(const std::filesystem::path& folder);

}  // namespace rekindle::bench
