// The texts of ids, by user number: one after another in large chunks, found
// through two bytes a user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "config/base/huge_pages.h"
#include "engine/model/event.h"

namespace rekindle {

// Texts stay in their places until the object is destroyed. Not thread-safe
// while written.
class IdTexts {
 public:
  static constexpr size_t kMaxSize = 256;

  // Adds the text of the next number. Throws std::length_error for one longer
  // than kMaxSize.
  void Append(std::string_view id);
  // Makes room for so many texts in all; more may be added.
  void Reserve(size_t count) { ends_.reserve(count); }
  // Overwrites the bytes; the text stays as long as it was.
  void Wipe(UserNumber user);

  std::string_view operator[](UserNumber user) const {
    const char* group = groups_[user / kGroup];
    const uint16_t begin = BeginOf(user);
    return {group + begin, static_cast<size_t>(ends_[user] - begin)};
  }
  // These fetch what operator[] will read, in two steps.
  void PrefetchPlace(UserNumber user) const {
    __builtin_prefetch(&ends_[user]);
  }
  void PrefetchText(UserNumber user) const {
    __builtin_prefetch(groups_[user / kGroup] + BeginOf(user));
  }

 private:
  // Users of one group lie together, so their places are counted from it.
  static constexpr UserNumber kGroup = 128;
  static constexpr size_t kGroupSize = kGroup * kMaxSize;
  static constexpr size_t kFirstChunkSize = size_t{1} << 16;
  static constexpr size_t kChunkSize = size_t{2} << 20;

  uint16_t BeginOf(UserNumber user) const {
    return user % kGroup == 0 ? uint16_t{0} : ends_[user - 1];
  }
  void BeginGroup();

  std::vector<std::vector<char, HugePages<char>>> chunks_;
  size_t free_ = 0;            // of the last chunk
  std::vector<char*> groups_;  // where each begins
  // By user, counted from the group.
  std::vector<uint16_t, HugePages<uint16_t>> ends_;
};

}  // namespace rekindle
