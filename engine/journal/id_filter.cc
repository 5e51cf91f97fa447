#include "engine/journal/id_filter.h"

namespace rekindle {
namespace {

constexpr size_t kIdsInBlock = 16;

// Odd numbers without a pattern, one a word.
constexpr std::array<uint32_t, 8> kSalts = {0x47b6137b, 0x44974d91, 0x8824ad5b,
                                            0xa2b7289d, 0x705495c7, 0x2df1424b,
                                            0x9efc4947, 0x5c6bfb31};

uint32_t BitOf(const IdHash& id, size_t word) {
  return uint32_t{1} << ((static_cast<uint32_t>(id[1]) * kSalts[word]) >> 27);
}

}  // namespace

IdFilter::IdFilter(size_t capacity)
    : capacity_(capacity), blocks_(capacity / kIdsInBlock + 1) {}

void IdFilter::Add(const IdHash& id) {
  Block& block = blocks_[BlockOf(id)];
  for (size_t i = 0; i < block.words.size(); ++i) {
    block.words[i] |= BitOf(id, i);
  }
}

bool IdFilter::MayContain(const IdHash& id) const {
  const Block& block = blocks_[BlockOf(id)];
  uint32_t missing = 0;
  for (size_t i = 0; i < block.words.size(); ++i) {
    missing |= BitOf(id, i) & ~block.words[i];
  }
  return missing == 0;
}

}  // namespace rekindle
