// The blast guard: a slot that would reach far more users than expected, or far
// fewer, is stopped before a single touch, and a person is asked.
//
// What it counts are the eligible users: matched, and past repeat, consent,
// address and variables; before ramp, per_run and caps thin them, so that these
// neither hide a jump nor look like one.
//
// With `expect`, the count (or its share of the known users) must lie in the
// range. Without it, the count may be at most 10 times the largest of the
// rule's last 31 done slots, where fewer than 10 count as 10; a rule that has
// no done slot yet is not judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/base/phrase.h"
#include "rules/definition/rule.h"

namespace rekindle {

inline constexpr int64_t kGuardTimes = 10;
inline constexpr int64_t kGuardFloor = 10;
inline constexpr int kGuardSlots = 31;

// Why the slot is to be stopped; nothing where it may go on. `most_before` is
// the largest of the last kGuardSlots done slots.
std::optional<Phrase> BlastGuardProblem(const Rule& rule, int64_t eligible,
                                        int64_t known,
                                        std::optional<int64_t> most_before);

}  // namespace rekindle
