// Stable hashes: the same value on every run, machine and version, because
// arms of experiments and touch ids are built on them (XXH3, whose output is
// fixed by its specification).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace rekindle {

// Parts are length-prefixed, so {"ab","c"} and {"a","bc"} differ.
uint64_t StableHash(std::initializer_list<std::string_view> parts);
// 32 lower-case hex digits (128 bits).
std::string StableId(std::initializer_list<std::string_view> parts);
// The high half first.
std::array<uint64_t, 2> Hash128(std::string_view bytes);

// The hash as a fraction in [0, 1).
inline double UnitInterval(uint64_t hash) {
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

}  // namespace rekindle
