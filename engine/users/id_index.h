// From ids to user numbers: a hash table of 8 bytes a slot that looks into
// IdTexts.
//
// A slot holds 32 bits of the id's hash and the number. Slots are kept in the
// order of their hashes (linear probing, sorted), and a hash's home is at its
// share of the table. So a table grows, or is filled at once, in one pass from
// front to back, without looking at a single text; and a search for an unknown
// id ends as soon as it meets a larger hash.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/base/huge_pages.h"
#include "engine/users/id_texts.h"

namespace rekindle {

// Not thread-safe while written.
class IdIndex {
 public:
  // The hash is salted: nobody outside can prepare ids that collide.
  explicit IdIndex(const IdTexts& texts);

  uint32_t HashOf(std::string_view id) const;
  // kNoUser where unknown. `hash` is the id's.
  UserNumber Find(uint32_t hash, std::string_view id) const;
  UserNumber Find(std::string_view id) const { return Find(HashOf(id), id); }

  // A search in steps, for many at once: bring the slot near, then see who it
  // most likely is (kNoUser: nobody), whose text can be brought near meanwhile.
  void Prefetch(uint32_t hash) const {
    __builtin_prefetch(&slots_[HomeOf(hash)]);
  }
  UserNumber Candidate(uint32_t hash) const;

  // The user's text must be there already, and be new to the index.
  void Insert(UserNumber user);
  // The user's text must still be there.
  void Erase(UserNumber user);

  // Many at once: Stage each, then IndexStaged once before anything else.
  void Stage(UserNumber user);
  void IndexStaged();

 private:
  // A hash in the upper half, a number in the lower.
  using Slot = uint64_t;
  using Slots = std::vector<Slot, HugePages<Slot>>;
  static constexpr Slot kEmpty = ~Slot{0};

  static uint32_t HashIn(Slot slot) {
    return static_cast<uint32_t>(slot >> 32);
  }
  static UserNumber NumberIn(Slot slot) {
    return static_cast<UserNumber>(slot);
  }
  Slot SlotFor(UserNumber user) const;
  size_t HomeOf(uint32_t hash) const { return hash * homes_ >> 32; }
  // The first slot that holds `wanted` or more, or is empty.
  size_t LowerBound(Slot wanted) const;
  void Place(const Slots& sorted, size_t homes);

  const IdTexts& texts_;
  const uint64_t salt_;
  size_t size_ = 0;
  size_t homes_ = 0;
  // By home, with room for the last ones' overflow; the last slot is empty.
  Slots slots_;
  Slots staged_;
};

}  // namespace rekindle
