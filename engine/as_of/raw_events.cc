#include "engine/as_of/raw_events.h"

namespace rekindle {
namespace {

// Between the zones furthest apart.
constexpr std::chrono::hours kZoneShift{26};

// The start of one day, remembered: dated events come in runs of a day.
class DayStart {
 public:
  explicit DayStart(const Calendar& calendar) : calendar_(calendar) {}
  Instant Of(int32_t day) {
    if (day != day_) {
      day_ = day;
      start_ = calendar_.StartOf(DayFromNumber(day));
    }
    return start_;
  }

 private:
  const Calendar& calendar_;
  int32_t day_ = kExactTime;
  Instant start_;
};

Instant Earlier(Instant at) {
  return at < Instant::min() + kZoneShift ? Instant::min() : at - kZoneShift;
}

Instant Later(Instant at) {
  return at > Instant::max() - kZoneShift ? Instant::max() : at + kZoneShift;
}

}  // namespace

void ReadEvents(const Journal& journal, const Calendar& calendar, Instant from,
                Instant to,
                const std::function<void(const StoredEvent&, Instant)>& f) {
  DayStart start(calendar);
  journal.ReadBetween(Earlier(from), Later(to), [&](const StoredEvent& event) {
    const Instant at = event.day == kExactTime ? event.at : start.Of(event.day);
    if (at >= from && at <= to) f(event, at);
  });
}

}  // namespace rekindle
