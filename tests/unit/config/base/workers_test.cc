#include "config/base/workers.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace rekindle {
namespace {

TEST(Workers, DoEachPieceOnce) {
  Workers workers;
  for (size_t count : {0, 1, 2, 7, 1000}) {
    std::vector<std::atomic<int>> done(count);
    workers.ForEach(count, [&](size_t i) { ++done[i]; });
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(done[i], 1) << i;
  }
}

TEST(Workers, AreSharedByCallersAndByPieces) {
  Workers workers;
  std::atomic<int> done = 0;
  std::vector<std::jthread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        workers.ForEach(
            3, [&](size_t) { workers.ForEach(5, [&](size_t) { ++done; }); });
      }
    });
  }
  callers.clear();
  EXPECT_EQ(done, 4 * 200 * 3 * 5);
}

TEST(Workers, ThrowWhatAPieceThrows) {
  Workers workers;
  EXPECT_THROW(workers.ForEach(100,
                               [](size_t i) {
                                 if (i == 42) throw std::runtime_error("42");
                               }),
               std::runtime_error);
  std::atomic<int> done = 0;
  workers.ForEach(10, [&](size_t) { ++done; });
  EXPECT_EQ(done, 10);
}

}  // namespace
}  // namespace rekindle
