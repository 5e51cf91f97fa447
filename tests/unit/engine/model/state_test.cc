#include "engine/model/state.h"

#include <gtest/gtest.h>

#include <string>

namespace rekindle {
namespace {

// What engine/lifecycle/README.md says of a user registered in period r, asked
// about in period m, where bit p of `activity` is activity in period p.
std::string Definition(int r, int m, unsigned activity, int c) {
  const auto active = [&](int p) {
    return p == r || (p > r && (activity >> p & 1) != 0);
  };
  int p = m - 1;  // the last active period before m
  while (p > r && !active(p)) --p;
  std::string state;
  if (r == m) state += "new";
  if (r == m - 1 && active(m)) state += "previous_new";
  if (r < m - 1 && active(m) && p == m - 1) state += "active";
  if (r < m - 1 && active(m) && 1 < m - p && m - p <= c) state += "woken";
  if (r < m - 1 && active(m) && m - p > c) state += "returned";
  if (r < m && !active(m) && p > m - c) state += "dormant";
  if (r < m && !active(m) && p <= m - c) state += "churned";
  return state;  // two that hold at once would read as no state's name
}

TEST(StateTest, EveryPatternOfEightPeriodsHasTheStateOfTheDefinition) {
  constexpr int kPeriods = 8;
  for (int c = 1; c <= 4; ++c) {
    for (unsigned activity = 0; activity < 1u << kPeriods; ++activity) {
      for (int r = 0; r < kPeriods; ++r) {
        int last_before = r;
        for (int m = r; m < kPeriods; ++m) {
          const bool now = m == r || (activity >> m & 1) != 0;
          EXPECT_EQ(StateName(StateOf(r, m, now, last_before, c)),
                    Definition(r, m, activity, c))
              << "r " << r << ", m " << m << ", churned_after " << c
              << ", activity bits " << activity;
          if (now) last_before = m;
        }
      }
    }
  }
}

TEST(StateTest, TheTableForChurnedAfterTwo) {
  struct Row {
    int r, m;
    bool active_now;
    int last_before;
    State state;
  };
  const Row rows[] = {
      {24, 24, true, 24, State::kNew},
      {23, 24, true, 23, State::kPreviousNew},
      {23, 24, false, 23, State::kDormant},
      {20, 24, true, 23, State::kActive},
      {20, 24, true, 22, State::kWoken},
      {20, 24, true, 21, State::kReturned},
      {20, 24, false, 23, State::kDormant},
      {20, 24, false, 22, State::kChurned},
      {0, 24, false, 0, State::kChurned},
      {-5, -4, true, -5, State::kPreviousNew},  // before 1970
  };
  for (const Row& row : rows) {
    EXPECT_EQ(StateOf(row.r, row.m, row.active_now, row.last_before, 2),
              row.state)
        << "r " << row.r << ", m " << row.m << ", active " << row.active_now
        << ", last before " << row.last_before;
  }
}

TEST(StateTest, AVeryLongChurnedAfterDoesNotOverflow) {
  EXPECT_EQ(StateOf(-24000, 24000, false, -24000, 2147483647), State::kDormant);
}

TEST(StateTest, NamesReadBack) {
  EXPECT_EQ(StateName(State::kUnknown), "");
  EXPECT_EQ(ParseState(""), std::nullopt);
  EXPECT_EQ(ParseState("Active"), std::nullopt);
  for (State state : kAllStates) {
    EXPECT_EQ(ParseState(StateName(state)), state) << StateName(state);
  }
}

TEST(StateTest, MauIsTheFiveActiveStates) {
  std::string mau;
  for (State state : kAllStates) {
    if (IsActiveState(state)) mau += std::string(StateName(state)) + " ";
  }
  EXPECT_EQ(mau, "new previous_new active woken returned ");
}

}  // namespace
}  // namespace rekindle
