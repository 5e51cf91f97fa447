// Tells message ids that are surely not remembered, in two bytes per id.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/base/huge_pages.h"
#include "engine/journal/id_hash.h"

namespace rekindle {

// A Bloom filter in blocks (Putze, Sanders, Singler 2007; the split blocks of
// Parquet): an id sets one bit in each of the eight words of one block, so that
// a question touches one cache line. With 16 bits an id it says "perhaps" of a
// thousandth of those that are not there. The block comes from the upper bits
// of the hash: ids in order fill the filter from front to back.
class IdFilter {
 public:
  // `capacity`: how many ids it is meant for.
  explicit IdFilter(size_t capacity);

  void Add(const IdHash& id);
  bool MayContain(const IdHash& id) const;
  // Begins to fetch the block, for a question soon to come.
  void Prefetch(const IdHash& id) const {
    __builtin_prefetch(&blocks_[BlockOf(id)]);
  }

  size_t capacity() const { return capacity_; }
  size_t bytes() const { return blocks_.size() * sizeof(Block); }

 private:
  struct alignas(32) Block {
    std::array<uint32_t, 8> words{};
  };
  size_t BlockOf(const IdHash& id) const {
    return ((id[0] >> 32) * blocks_.size()) >> 32;
  }

  const size_t capacity_;
  std::vector<Block, HugePages<Block>> blocks_;
};

}  // namespace rekindle
