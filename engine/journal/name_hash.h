// For tables of event names, which are looked up for every event: a hash and a
// comparison of words, where a call for each would cost more than the rest.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace rekindle {

// The first eight bytes and the last eight; of a shorter name its bytes.
struct NameWords {
  explicit NameWords(std::string_view name) {
    if (name.size() >= sizeof(first)) {
      std::memcpy(&first, name.data(), sizeof(first));
      std::memcpy(&last, name.data() + name.size() - sizeof(last),
                  sizeof(last));
    } else {
      for (char c : name) first = first << 8 | static_cast<unsigned char>(c);
    }
  }
  uint64_t first = 0, last = 0;
};

// Names that differ in none of the words, nor in length, are rare. Not for
// storage.
struct NameHash {
  using is_avalanching = void;

  size_t operator()(std::string_view name) const {
    const NameWords words(name);
    uint64_t hash = words.first * 0x9e3779b97f4a7c15 + name.size();
    hash = (hash ^ (hash >> 32) ^ words.last) * 0xd6e8feb86659fd93;
    return hash ^ (hash >> 32);
  }
};

struct NamesEqual {
  bool operator()(std::string_view a, std::string_view b) const {
    if (a.size() != b.size()) return false;
    const NameWords x(a), y(b);
    // Up to sixteen bytes the words are the name.
    return x.first == y.first && x.last == y.last &&
           (a.size() <= 2 * sizeof(x.first) || a == b);
  }
};

}  // namespace rekindle
