#include "config/base/time_of_day.h"

#include <cstddef>

namespace rekindle {

std::optional<std::chrono::minutes> ParseTimeOfDay(std::string_view text) {
  auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) ||
      !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  const std::chrono::minutes time(hour * 60 + minute);
  if (minute > 59 || time > std::chrono::hours(24)) return std::nullopt;
  return time;
}

}  // namespace rekindle
