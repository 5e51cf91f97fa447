// A set filled block by block, on all cores.
#pragma once

#include <algorithm>
#include <span>

#include "config/base/workers.h"
#include "engine/sets/blocks.h"
#include "engine/sets/user_set.h"

namespace rekindle {

// Calls f(block, its part of the set's words) for all blocks.
template <class F>
void FillBlocks(Workers& workers, UserSet& set, F&& f) {
  const auto words = set.words();
  workers.ForEach(BlocksOf(set.universe()), [&](size_t block) {
    const size_t first = block * kBlockWords;
    const size_t size = std::min<size_t>(kBlockWords, words.size() - first);
    f(static_cast<uint32_t>(block), words.subspan(first, size));
  });
}

}  // namespace rekindle
