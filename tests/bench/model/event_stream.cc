#include "tests/bench/model/event_stream.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace rekindle::bench {
namespace {

using Events = std::vector<GeneratedEvent>;

void SortByTime(Events& events) {
  std::sort(events.begin(), events.end(),
            [](const GeneratedEvent& a, const GeneratedEvent& b) {
              return std::tie(a.at, a.user, a.behavior) <
                     std::tie(b.at, b.user, b.behavior);
            });
}

// One day of one part of the history.
class DayMaker {
 public:
  DayMaker(const Population& population, Part part)
      : population_(population), part_(part) {
    if (part != Part::kState) return;
    last_before_window_.resize(population.size());
    for (uint32_t user = 0; user < population.size(); ++user) {
      last_before_window_[user] = static_cast<int16_t>(
          population.JoinedOn(user) < kWindowDay
              ? population.LastActiveBefore(user, kWindowDay)
              : kDays);
    }
  }

  const Events& Make(int day) {
    events_.clear();
    for (uint32_t user = 0; user < population_.size(); ++user) {
      if (!Wanted(user, day)) continue;
      const size_t begin = events_.size();
      population_.AppendDay(user, day, &events_);
      Thin(begin, user, day);
    }
    SortByTime(events_);
    return events_;
  }

 private:
  bool Wanted(uint32_t user, int day) const {
    if (part_ == Part::kState && day < kWindowDay) {
      return day == population_.JoinedOn(user) ||
             day == last_before_window_[user];
    }
    return population_.IsActive(user, day);
  }

  // Drops what the part leaves out of the events from `begin` on, which are
  // one user's of the day.
  void Thin(size_t begin, uint32_t user, int day) {
    const auto first = events_.begin() + static_cast<ptrdiff_t>(begin);
    if (part_ == Part::kState) {
      const bool one = day < kWindowDay;
      std::sort(first, events_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.behavior, a.at) < std::tie(b.behavior, b.at);
      });
      events_.erase(std::unique(first, events_.end(),
                                [one](const auto& a, const auto& b) {
                                  return one || a.behavior == b.behavior;
                                }),
                    events_.end());
    } else if (part_ == Part::kTenth) {
      auto kept = first;
      if (day == population_.JoinedOn(user)) ++kept;
      uint64_t number = 0;
      events_.erase(std::remove_if(kept, events_.end(),
                                   [&](const GeneratedEvent& event) {
                                     const uint64_t draw =
                                         Mix((uint64_t{user} << 32) +
                                             event.at * 64ull + ++number);
                                     return draw % 10 != 0;
                                   }),
                    events_.end());
    }
  }

  const Population& population_;
  const Part part_;
  std::vector<int16_t> last_before_window_;
  Events events_;
};

}  // namespace

std::optional<Part> ParsePart(std::string_view word) {
  if (word == "all") return Part::kAll;
  if (word == "tenth") return Part::kTenth;
  if (word == "state") return Part::kState;
  return std::nullopt;
}

uint64_t ForEachDay(
    const Population& population, const StreamOptions& options,
    const std::function<void(std::span<const GeneratedEvent>)>& f) {
  DayMaker maker(population, options.part);
  uint64_t total = 0;
  for (int day = options.first_day; day < kDays && total < options.limit;
       ++day) {
    const Events& events = maker.Make(day);
    const auto wanted =
        std::min<uint64_t>(events.size(), options.limit - total);
    f(std::span(events).first(wanted));
    total += wanted;
  }
  return total;
}

}  // namespace rekindle::bench
