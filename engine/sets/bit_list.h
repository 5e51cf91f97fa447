// Counts and lists the set bits of a bitmap: sixteen at a time where the
// processor can compress vectors, else in a plain loop.
#pragma once

#include <cstdint>
#include <span>

namespace rekindle {

uint64_t CountBits(std::span<const uint64_t> words);

// Puts the numbers of the set bits into `numbers`, in ascending order; bit i of
// word w is number 64 w + i. Nothing behind the last one is touched.
void ListBits(std::span<const uint64_t> words, uint32_t* numbers);

// The same one by one, for processors without wide vectors; elsewhere for tests
// alone.
namespace plain {
void ListBits(std::span<const uint64_t> words, uint32_t* numbers);
}  // namespace plain

}  // namespace rekindle
