// Durations: what reads is written back and reads the same; what does not is
// refused in words; and the days it spans, both ways, are in order.
#include <string>

#include "config/base/duration.h"
#include "tests/fuzz/fuzz.h"

namespace rekindle {
namespace {

using fuzz::Require;

void RequireSpans(const Duration& duration) {
  const LocalDay day{std::chrono::year(2026) / 3 / 31};
  const Calendar zone = Calendar::Utc();
  const Instant at = zone.StartOf(day);
  for (PeriodUnit period :
       {PeriodUnit::kDay, PeriodUnit::kWeek, PeriodUnit::kMonth}) {
    Require(Forward(duration, at, zone, period) > at, "forward is later");
    if (duration.rolls()) continue;
    const DayRange days = DaysBack(duration, day, period);
    Require(days.first <= days.last && days.last == day, "back is earlier");
  }
  if (duration.rolls()) Require(RollBack(duration, at) < at, "rolls back");
}

}  // namespace
}  // namespace rekindle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  const std::string_view text = fuzz::TextOf(data, size);
  const auto duration = ParseDuration(text);
  if (!duration) {
    fuzz::Require(duration.error().message.find(text) != std::string::npos,
                  "the message quotes the duration");
    return 0;
  }
  const auto again = ParseDuration(FormatDuration(*duration));
  fuzz::Require(again && *again == *duration,
                "written back, it reads the same");
  RequireSpans(*duration);
  return 0;
}
