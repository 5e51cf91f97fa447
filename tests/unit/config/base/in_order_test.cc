#include "config/base/in_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>

namespace rekindle {
namespace {

// Gives 0, 1, ... up to `end`.
auto CountTo(int end) {
  return [end, next = 0]() mutable -> std::optional<int> {
    if (next == end) return std::nullopt;
    return next++;
  };
}

TEST(InOrder, ResultsComeInTheOrderOfTheInput) {
  for (size_t threads : {1u, 2u, 7u}) {
    std::vector<int> taken;
    InOrder(
        threads, 3 * threads, CountTo(2000),
        [] {
          return [](int n) {
            if (n % 13 == 0) std::this_thread::yield();
            return n * 2;
          };
        },
        [&](int n) { taken.push_back(n); });
    ASSERT_EQ(taken.size(), 2000u) << threads;
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(taken[i], 2 * i) << threads;
  }
}

TEST(InOrder, NothingInNothingOut) {
  InOrder(
      3, 9, CountTo(0), [] { return [](int n) { return n; }; },
      [](int) { FAIL() << "something was taken"; });
}

TEST(InOrder, FewPiecesAreOnTheirWay) {
  std::atomic<int> begun = 0;
  int taken = 0;
  InOrder(
      2, 6,
      [&, next = 0]() mutable -> std::optional<int> {
        if (next == 100) return std::nullopt;
        ++begun;
        return next++;
      },
      [] { return [](int n) { return n; }; },
      [&](int) {
        EXPECT_LE(begun - taken, 6);
        ++taken;
      });
  EXPECT_EQ(taken, 100);
}

// Where it is thrown, what of it is taken before at most.
TEST(InOrder, WhatIsThrownEndsAllAndIsThrownOn) {
  const auto fail_at = [](const std::string& where, const std::string& here,
                          int n) {
    if (where == here && n == 50) throw std::runtime_error(where);
  };
  for (const std::string where : {"next", "work", "take"}) {
    int taken = 0;
    try {
      InOrder(
          2, 6,
          [&, next = 0]() mutable -> std::optional<int> {
            fail_at(where, "next", next);
            return next++;
          },
          [&] {
            return [&](int n) {
              fail_at(where, "work", n);
              return n;
            };
          },
          [&](int n) {
            fail_at(where, "take", n);
            EXPECT_EQ(n, taken++);
          });
      FAIL() << where;
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), where);
    }
    EXPECT_LE(taken, 50) << where;
  }
}

}  // namespace
}  // namespace rekindle
