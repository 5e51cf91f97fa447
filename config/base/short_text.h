// Hashes and compares short texts by 8-byte words, inline: for tables in which
// the name or user id of every event is looked up, where a function call each
// would cost more than the rest.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace rekindle {

// The first eight bytes and the last eight; for a shorter text `first` has them
// all.
struct ShortTextWords {
  explicit ShortTextWords(std::string_view text) {
    if (text.size() >= sizeof(first)) {
      std::memcpy(&first, text.data(), sizeof(first));
      std::memcpy(&last, text.data() + text.size() - sizeof(last),
                  sizeof(last));
    } else {
      for (char c : text) first = first << 8 | static_cast<unsigned char>(c);
    }
  }
  uint64_t first = 0, last = 0;
};

// Texts of one length and the same words collide: rare by chance, but whoever
// chooses the texts can make them. Not for storage.
struct ShortTextHash {
  using is_avalanching = void;

  size_t operator()(std::string_view text) const {
    const ShortTextWords words(text);
    uint64_t hash = words.first * 0x9e3779b97f4a7c15 + text.size();
    hash = (hash ^ (hash >> 32) ^ words.last) * 0xd6e8feb86659fd93;
    return hash ^ (hash >> 32);
  }
};

struct ShortTextsEqual {
  bool operator()(std::string_view a, std::string_view b) const {
    if (a.size() != b.size()) return false;
    const ShortTextWords x(a), y(b);
    // Up to sixteen bytes the words are the text.
    return x.first == y.first && x.last == y.last &&
           (a.size() <= 2 * sizeof(x.first) || a == b);
  }
};

}  // namespace rekindle
