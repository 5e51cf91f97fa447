#include "daemon/work/channel_watch.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(ChannelWatchTest, TheShareIsOfClearAnswers) {
  ChannelCounts counts;
  counts.by_outcome = {{"accepted", 60},    {"dead_recipient", 20},
                       {"bad_message", 10}, {"unknown", 10},
                       {"temporary", 500},  {"account", 7}};
  EXPECT_EQ(ShareOf(counts).answers, 100);
  EXPECT_DOUBLE_EQ(ShareOf(counts).share(), 0.6);
  EXPECT_DOUBLE_EQ(ShareOf({}).share(), 0);
}

TEST(ChannelWatchTest, ADropIsToldWhereThereIsEnoughToSaySo) {
  const struct {
    DeliveryShare hour, week;
    bool dropped;
  } kRows[] = {
      {{20, 50}, {180, 200}, true},
      {{23, 50}, {180, 200}, false},  // more than half of 90 %
      {{0, 49}, {200, 200}, false},   // too few in the hour
      {{0, 50}, {199, 199}, false},   // too few in the week
      {{0, 0}, {0, 0}, false},
      {{0, 50}, {200, 200}, true},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(HasDropped(row.hour, row.week), row.dropped)
        << row.hour.accepted << "/" << row.hour.answers << " after "
        << row.week.accepted << "/" << row.week.answers;
  }
}

}  // namespace
}  // namespace rekindle
