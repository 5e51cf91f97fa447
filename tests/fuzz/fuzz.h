// What the fuzzers share.
//
// A fuzzer is one file, <name>_fuzz.cc, that defines libFuzzer's entry and says
// what must hold for any input at all; tests/fuzz/corpus/<name>/ holds inputs
// to start from, among them every input that once broke it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/yaml/diagnostics.h"

namespace rekindle::fuzz {

inline std::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process with `claim` where it does not hold; libFuzzer then keeps
// the input.
void Require(bool holds, std::string_view claim);

// What was reported says what and where: a line and a column of its file.
// Only a file without contents has no such place.
void RequirePlaces(const yaml::Diagnostics& d);

}  // namespace rekindle::fuzz
