#include "engine/users/id_index.h"

#define XXH_INLINE_ALL  // ids are short: the call would cost as much again
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "config/base/short_text.h"

namespace rekindle {
namespace {

constexpr size_t kLeastHomes = 64;
constexpr size_t kOverflow = 256;

// A table is made for 4 users in 5 slots, and made anew at 7 in 8: growing is
// cheap enough to keep it small.
bool IsFull(size_t size, size_t homes) { return size * 8 > homes * 7; }
size_t HomesFor(size_t size) { return std::max(kLeastHomes, size * 5 / 4); }

uint64_t RandomSalt() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

// By the upper 32 bits; equal ones stay in order.
template <class Values>
void SortByHash(Values* values) {
  constexpr int kBits = 11;
  constexpr size_t kBuckets = size_t{1} << kBits;
  Values other(values->size());
  for (int shift = 32; shift < 64; shift += kBits) {
    std::array<size_t, kBuckets> begins{};
    const auto bucket = [shift](uint64_t value) {
      return value >> shift & (kBuckets - 1);
    };
    for (uint64_t value : *values) ++begins[bucket(value)];
    size_t begin = 0;
    for (size_t& count : begins) begin += std::exchange(count, begin);
    for (uint64_t value : *values) other[begins[bucket(value)]++] = value;
    values->swap(other);
  }
}

}  // namespace

IdIndex::IdIndex(const IdTexts& texts) : texts_(texts), salt_(RandomSalt()) {
  Place({}, kLeastHomes);
}

uint32_t IdIndex::HashOf(std::string_view id) const {
  return static_cast<uint32_t>(
      XXH3_64bits_withSeed(id.data(), id.size(), salt_) >> 32);
}

IdIndex::Slot IdIndex::SlotFor(UserNumber user) const {
  return Slot{HashOf(texts_[user])} << 32 | user;
}

size_t IdIndex::LowerBound(Slot wanted) const {
  size_t i = HomeOf(HashIn(wanted));
  while (slots_[i] < wanted) ++i;
  return i;
}

UserNumber IdIndex::Find(uint32_t hash, std::string_view id) const {
  size_t i = LowerBound(Slot{hash} << 32);
  for (; HashIn(slots_[i]) == hash && slots_[i] != kEmpty; ++i) {
    const UserNumber user = NumberIn(slots_[i]);
    if (ShortTextsEqual()(texts_[user], id)) return user;
  }
  return kNoUser;
}

UserNumber IdIndex::Candidate(uint32_t hash) const {
  const Slot slot = slots_[LowerBound(Slot{hash} << 32)];
  return HashIn(slot) == hash ? NumberIn(slot) : kNoUser;
}

void IdIndex::Insert(UserNumber user) {
  if (IsFull(++size_, homes_)) Place(slots_, HomesFor(size_));
  const Slot slot = SlotFor(user);
  const size_t at = LowerBound(slot);
  size_t free = at;
  while (slots_[free] != kEmpty) ++free;
  if (free + 1 == slots_.size()) slots_.push_back(kEmpty);
  std::move_backward(slots_.begin() + at, slots_.begin() + free,
                     slots_.begin() + free + 1);
  slots_[at] = slot;
}

void IdIndex::Erase(UserNumber user) {
  size_t at = LowerBound(SlotFor(user));
  // Those behind move up, as far as they are not at home.
  for (size_t next = at + 1;
       slots_[next] != kEmpty && HomeOf(HashIn(slots_[next])) < next;
       at = next++) {
    slots_[at] = slots_[next];
  }
  slots_[at] = kEmpty;
  --size_;
}

void IdIndex::Stage(UserNumber user) { staged_.push_back(SlotFor(user)); }

void IdIndex::IndexStaged() {
  SortByHash(&staged_);
  size_ = staged_.size();
  Place(staged_, HomesFor(size_));
  Slots().swap(staged_);
}

void IdIndex::Place(const Slots& sorted, size_t homes) {
  homes_ = homes;
  Slots slots;
  slots.reserve(homes + kOverflow);
  for (Slot slot : sorted) {
    if (slot == kEmpty) continue;
    const size_t home = HomeOf(HashIn(slot));
    if (slots.size() < home) slots.resize(home, kEmpty);
    slots.push_back(slot);
  }
  slots.resize(std::max(slots.size() + 1, homes + kOverflow / 2), kEmpty);
  slots_ = std::move(slots);
}

}  // namespace rekindle
