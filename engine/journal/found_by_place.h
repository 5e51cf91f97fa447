// Keeps what was looked up for names of events, by the place of their text:
// names that come again from one place (RepeatedTexts gives them one) are found
// without being read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rekindle {

// `kSlots` is a power of two, several times the number of names in use at once.
template <class Found, size_t kSlots>
class FoundByPlace {
 public:
  // What look_up(name) gives, or gave before. REQUIRES: the name is not empty,
  // and its text stays in its place, unchanged, as long as this is used.
  template <class LookUp>
  const Found& Get(std::string_view name, LookUp&& look_up) {
    Entry& entry = entries_[SlotOf(name)];
    if (entry.name.data() != name.data() || entry.name.size() != name.size()) {
      entry = {name, look_up(name)};
    }
    return entry.found;
  }

 private:
  struct Entry {
    std::string_view name;
    Found found;
  };

  static size_t SlotOf(std::string_view name) {
    const auto place = reinterpret_cast<uintptr_t>(name.data());
    return (place * 0x9e3779b97f4a7c15 >> 32) % kSlots;
  }

  std::array<Entry, kSlots> entries_{};
};

}  // namespace rekindle
