// Schedules, cron lines among them: what reads has due instants in order, also
// over changes of the clock; what does not is refused in words.
#include <array>
#include <chrono>

#include "rules/definition/schedule.h"
#include "tests/fuzz/fuzz.h"

namespace rekindle {
namespace {

using fuzz::Require;

// Nights on which a clock is changed, a leap day, and an ordinary noon.
void RequireInOrder(const Schedule& schedule) {
  static const Calendar zone = *Calendar::Load("America/New_York");
  using std::chrono::year;
  for (LocalDay day :
       {LocalDay(year(2026) / 3 / 8), LocalDay(year(2026) / 11 / 1),
        LocalDay(year(2028) / 2 / 29), LocalDay(year(2026) / 6 / 15)}) {
    const Instant at = zone.At(day, std::chrono::hours(12));
    const auto latest = schedule.LatestDue(at, zone);
    const auto next = schedule.NextDue(at, zone);
    Require(!latest || *latest <= at, "the latest is not in the future");
    Require(!next || *next > at, "the next is in the future");
    if (!next) continue;
    Require(schedule.LatestDue(*next, zone) == next,
            "it is due when it is due");
    Require(!latest || schedule.NextDue(*latest, zone) == next,
            "nothing is due between the latest and the next");
  }
}

}  // namespace
}  // namespace rekindle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  const auto schedule = Schedule::Parse(fuzz::TextOf(data, size));
  if (schedule) {
    RequireInOrder(*schedule);
  } else {
    fuzz::Require(!schedule.error().message.empty(), "a refusal says why");
  }
  return 0;
}
