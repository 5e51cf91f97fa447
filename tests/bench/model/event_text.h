// One event as the outside world would write it.
#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/model/population.h"

namespace rekindle::bench {

std::string UserId(uint32_t user);  // "u00000042"
// A version 4 UUID that follows from the seed and the number of the event.
std::string MessageId(uint64_t seed, uint64_t number);

// `user,seconds,behavior` and a line end, both as numbers, behaviors from 1.
void AppendCsv(const GeneratedEvent& event, std::string* out);
// A Segment track call of about 320 bytes, without a line end.
void AppendJson(const GeneratedEvent& event, uint64_t seed, uint64_t number,
                std::string* out);

}  // namespace rekindle::bench
