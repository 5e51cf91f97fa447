// Amounts of bytes as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace rekindle {

// "20 GB", "500 MB": a whole number and kB, MB, GB or TB, each 1000 times the
// one before. kUsage for anything else.
Result<int64_t> ParseByteSize(std::string_view text);

// "31.2 MB", for people.
std::string FormatByteSize(int64_t bytes);

}  // namespace rekindle
