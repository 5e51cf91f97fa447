// A quick hash for tables of event names, which are looked up for every event.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace rekindle {

// Of the length, the first eight bytes and the last eight: names that differ in
// none of these are rare. Not for storage.
struct NameHash {
  using is_avalanching = void;

  size_t operator()(std::string_view name) const {
    uint64_t first = 0, last = 0;
    if (name.size() >= sizeof(first)) {
      std::memcpy(&first, name.data(), sizeof(first));
      std::memcpy(&last, name.data() + name.size() - sizeof(last),
                  sizeof(last));
    } else {
      for (char c : name) first = first << 8 | static_cast<unsigned char>(c);
    }
    uint64_t hash = first * 0x9e3779b97f4a7c15 + name.size();
    hash = (hash ^ (hash >> 32) ^ last) * 0xd6e8feb86659fd93;
    return hash ^ (hash >> 32);
  }
};

}  // namespace rekindle
