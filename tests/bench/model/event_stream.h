// The population's events in order of time, a day at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "tests/bench/model/population.h"

namespace rekindle::bench {

// How much of the history is wanted. The answers as of the last day are the
// same for kAll and kState.
enum class Part {
  kAll,
  kTenth,  // one event in ten, and everybody's first
  kState,  // of the time before the preference window everybody's first event
           // and one of their last day; in it one a user, day and behavior
};
std::optional<Part> ParsePart(std::string_view word);  // all, tenth, state

struct StreamOptions {
  Part part = Part::kAll;
  int first_day = 0;
  uint64_t limit = UINT64_MAX;  // events
};

// Calls f with each day's events, sorted by time. Returns how many there were.
uint64_t ForEachDay(
    const Population& population, const StreamOptions& options,
    const std::function<void(std::span<const GeneratedEvent>)>& f);

}  // namespace rekindle::bench
