#include "engine/journal/id_filter.h"

#include "config/base/vector_code.h"

namespace rekindle {
namespace {

constexpr size_t kIdsInBlock = 16;

using Words = std::array<uint32_t, 8>;

// Odd numbers without a pattern, one a word.
constexpr Words kSalts = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                          0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

// The id's bit in each word.
inline Words BitsOf(const IdHash& id) {
  const auto hash = static_cast<uint32_t>(id[1]);
  Words bits;
  for (size_t i = 0; i < bits.size(); ++i) {
    bits[i] = uint32_t{1} << (hash * kSalts[i] >> 27);
  }
  return bits;
}

REKINDLE_VECTOR_CODE void Put(const IdHash& id, Words& words) {
  const Words bits = BitsOf(id);
  for (size_t i = 0; i < words.size(); ++i) words[i] |= bits[i];
}

REKINDLE_VECTOR_CODE bool Lacks(const IdHash& id, const Words& words) {
  const Words bits = BitsOf(id);
  uint32_t missing = 0;
  for (size_t i = 0; i < words.size(); ++i) missing |= bits[i] & ~words[i];
  return missing != 0;
}

}  // namespace

IdFilter::IdFilter(size_t capacity)
    : capacity_(capacity), blocks_(capacity / kIdsInBlock + 1) {}

void IdFilter::Add(const IdHash& id) { Put(id, blocks_[BlockOf(id)].words); }

bool IdFilter::MayContain(const IdHash& id) const {
  return !Lacks(id, blocks_[BlockOf(id)].words);
}

}  // namespace rekindle
