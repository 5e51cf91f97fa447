// Packs whole numbers at as many bits each as they need: the format of batch
// columns that are read by the hundred million when all state is made anew.
//
// A column is cut into runs of 64 numbers. A run is a byte that says how many
// bits each of its numbers takes (0 to 32, or 64: what its largest needs), and
// the numbers side by side, lowest bits first. So one outlier (an event a month
// late) widens 64 numbers and no more, and all bit positions in a run are known
// at compile time: it unpacks at the speed of memory, several times as fast as
// numbers of whole bytes under a compressor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rekindle {

void PutNumbers(std::string* out, std::span<const uint32_t> numbers);
void PutNumbers(std::string* out, std::span<const uint64_t> numbers);

// Fills `numbers` with what was put, and takes it off the front of `bytes`.
// False where the bytes are too few, or hold other numbers.
bool TakeNumbers(std::string_view* bytes, std::span<uint32_t> numbers);
bool TakeNumbers(std::string_view* bytes, std::span<uint64_t> numbers);

}  // namespace rekindle
