// Times of day as settings write them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rekindle {

// "09:05", 00:00 to 24:00; nothing for anything else.
std::optional<std::chrono::minutes> ParseTimeOfDay(std::string_view text);

}  // namespace rekindle
