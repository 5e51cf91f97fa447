#include "engine/fill/mark_bins.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>
#include <vector>

namespace rekindle {
namespace {

using Put = std::tuple<int64_t, uint32_t, uint32_t>;  // at, set, user

std::vector<Put> In(const MarkBins& bins, size_t bin) {
  std::vector<Put> found;
  bins.ForEach(bin, [&](std::span<const Mark> marks) {
    for (Mark mark : marks) {
      found.emplace_back(mark.at(), mark.set(), mark.user());
    }
  });
  return found;
}

TEST(MarkBinsTest, GivesBackWhatWasPutInItsOrder) {
  MarkBins bins;
  std::mt19937 random(7);
  // Twice: the second time into memory that has been used.
  for (int turn = 0; turn < 2; ++turn) {
    // Bins of no mark, a begun line, several lines, several pages.
    const std::vector<size_t> sizes = {0, 1, 8, 9, 511, 512, 513, 2000, 0, 7};
    std::vector<size_t> to;
    for (size_t bin = 0; bin < sizes.size(); ++bin) {
      to.insert(to.end(), sizes[bin], bin);
    }
    std::shuffle(to.begin(), to.end(), random);
    std::vector<std::vector<Put>> put(sizes.size());
    for (size_t bin : to) {
      const Put one{static_cast<int64_t>(random()) << 10,
                    random() % Mark::kSets, random() % kBlockUsers};
      put[bin].push_back(one);
      bins.Put(bin, std::make_from_tuple<Mark>(one));
    }
    bins.Publish();
    EXPECT_EQ(bins.size(), sizes.size());
    for (size_t bin = 0; bin < sizes.size(); ++bin) {
      EXPECT_EQ(In(bins, bin), put[bin]) << "bin " << bin << ", turn " << turn;
      EXPECT_EQ(bins.empty(bin), put[bin].empty()) << "bin " << bin;
    }
    EXPECT_TRUE(bins.empty(sizes.size()));
    bins.Clear();
    for (size_t bin = 0; bin < sizes.size(); ++bin) {
      EXPECT_TRUE(bins.empty(bin)) << "bin " << bin;
    }
  }
}

}  // namespace
}  // namespace rekindle
