// A set of message ids in memory that can be asked for many at once.
#pragma once

#include <cstddef>
#include <vector>

#include "config/base/huge_pages.h"
#include "engine/journal/id_hash.h"

namespace rekindle {

// A hash table with open addressing and linear probing. Ids are uniform hashes
// already: an id's home is at its share of the table, so that the table is
// nearly sorted. All 0 is no id, and marks a free place. Not thread-safe while
// written.
class IdSet {
 public:
  IdSet();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool Contains(const IdHash& id) const { return !IsNone(slots_[Find(id)]); }
  // Makes room for so many ids in all.
  void Reserve(size_t ids);
  // Whether so many in all fit without growing.
  bool HasRoomFor(size_t ids) const;
  // False where it was there.
  bool Insert(const IdHash& id);
  // Inserts very many ids, those that are IsNone left out, and makes the room
  // they need: several times as fast as one by one.
  using List = std::vector<IdHash, HugePages<IdHash>>;
  void InsertAll(const List& ids);
  void Erase(const IdHash& id);
  void Clear();
  // All ids in order. Takes long, and calls step() now and then.
  template <class Step>
  List ToList(Step&& step) const;

  // Begins to fetch the id's place, for a question soon to come.
  void Prefetch(const IdHash& id) const {
    const size_t home = HomeOf(id);
    __builtin_prefetch(&slots_[home]);
    // A search may go on to the next line.
    __builtin_prefetch(&slots_[(home + 2) & (slots_.size() - 1)]);
  }

 private:
  size_t HomeOf(const IdHash& id) const { return id[0] >> shift_; }
  // Where the id stands, or the free place where it would.
  size_t Find(const IdHash& id) const;
  void Resize(size_t slots);
  // Puts an id that stands there into its place in the list.
  static void PutInOrder(const IdHash& id, List* list);

  static constexpr size_t kSlotsInStep = 8192;

  size_t size_ = 0;
  int shift_;
  std::vector<IdHash, HugePages<IdHash>> slots_;  // a power of two
};

template <class Step>
IdSet::List IdSet::ToList(Step&& step) const {
  List list, from_front;
  list.reserve(size_);
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (i % kSlotsInStep == 0) step();
    if (IsNone(slots_[i])) continue;
    // Who found no place at the end stands at the front.
    const bool wrapped = HomeOf(slots_[i]) > i;
    PutInOrder(slots_[i], wrapped ? &from_front : &list);
  }
  for (const IdHash& id : from_front) PutInOrder(id, &list);
  return list;
}

}  // namespace rekindle
