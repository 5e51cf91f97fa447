#include "engine/journal/id_set.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace rekindle {
namespace {

constexpr size_t kLeastSlots = 1024;
constexpr IdHash kFree{};

// By words: as arrays they are compared by a call.
bool Same(const IdHash& a, const IdHash& b) {
  return a[0] == b[0] && a[1] == b[1];
}

// Three quarters full at most: then a search looks at two places or so.
bool IsFull(size_t size, size_t slots) { return size * 4 > slots * 3; }

}  // namespace

IdSet::IdSet()
    : shift_(64 - std::countr_zero(kLeastSlots)), slots_(kLeastSlots) {}

size_t IdSet::Find(const IdHash& id) const {
  size_t i = HomeOf(id);
  while (!IsNone(slots_[i]) && !Same(slots_[i], id)) {
    i = (i + 1) & (slots_.size() - 1);
  }
  return i;
}

bool IdSet::HasRoomFor(size_t ids) const { return !IsFull(ids, slots_.size()); }

void IdSet::Reserve(size_t ids) {
  size_t slots = slots_.size();
  while (IsFull(ids, slots)) slots *= 2;
  if (slots > slots_.size()) Resize(slots);
}

bool IdSet::Insert(const IdHash& id) {
  size_t i = Find(id);
  if (!IsNone(slots_[i])) return false;
  if (IsFull(++size_, slots_.size())) {
    Resize(2 * slots_.size());
    i = Find(id);
  }
  slots_[i] = id;
  return true;
}

// A part of the table after the other: from all over, each id would wait for
// its place from memory, and for where that is (the tables of pages).
void IdSet::InsertAll(const List& ids) {
  constexpr int kPartBits = 8;
  constexpr size_t kAhead = 16;  // so long a place takes to arrive from memory
  const auto part_of = [](const IdHash& id) {
    return id[0] >> (64 - kPartBits);
  };
  Reserve(size_ + ids.size());
  std::array<size_t, 1 << kPartBits> ends{};
  for (const IdHash& id : ids) ++ends[part_of(id)];
  size_t begin = 0;
  for (size_t& end : ends) begin += std::exchange(end, begin);
  List by_part(ids.size());
  for (const IdHash& id : ids) by_part[ends[part_of(id)]++] = id;
  for (size_t i = 0; i < by_part.size(); ++i) {
    if (i + kAhead < by_part.size()) Prefetch(by_part[i + kAhead]);
    if (!IsNone(by_part[i])) Insert(by_part[i]);
  }
}

void IdSet::Erase(const IdHash& id) {
  size_t free = Find(id);
  if (IsNone(slots_[free])) return;
  const size_t mask = slots_.size() - 1;
  // Those behind move up, unless their home lies behind the free place.
  for (size_t i = (free + 1) & mask; !IsNone(slots_[i]); i = (i + 1) & mask) {
    const size_t from_home = (i - HomeOf(slots_[i])) & mask;
    if (from_home < ((i - free) & mask)) continue;
    slots_[free] = slots_[i];
    free = i;
  }
  slots_[free] = kFree;
  --size_;
}

void IdSet::Clear() {
  std::fill(slots_.begin(), slots_.end(), kFree);
  size_ = 0;
}

// By insertion: nobody stands far from the right place.
void IdSet::PutInOrder(const IdHash& id, List* list) {
  list->push_back(id);
  size_t at = list->size() - 1;
  for (; at > 0 && id < (*list)[at - 1]; --at) (*list)[at] = (*list)[at - 1];
  (*list)[at] = id;
}

void IdSet::Resize(size_t slots) {
  const auto before = std::move(slots_);
  slots_.assign(slots, kFree);
  shift_ = 64 - std::countr_zero(slots);
  for (const IdHash& id : before) {
    if (!IsNone(id)) slots_[Find(id)] = id;
  }
}

}  // namespace rekindle
