#include "engine/touches/touch.h"

#include <gtest/gtest.h>

#include "engine/ledger/contents.h"

namespace rekindle {
namespace {

TEST(TouchTest, StateNamesAndFinality) {
  struct Row {
    TouchState state;
    const char* name;
    bool final;
  };
  const Row rows[] = {
      {TouchState::kPlanned, "planned", false},
      {TouchState::kClaimed, "claimed", false},
      {TouchState::kAccepted, "accepted", true},
      {TouchState::kFailed, "failed", true},
      {TouchState::kUnknown, "unknown", false},
      {TouchState::kDelivered, "delivered", true},
      {TouchState::kBounced, "bounced", true},
      {TouchState::kOpened, "opened", true},
      {TouchState::kClicked, "clicked", true},
      {TouchState::kDropped, "dropped", true},
      {TouchState::kHeldOut, "held_out", true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(TouchStateName(row.state), row.name);
    EXPECT_EQ(ParseTouchState(row.name), row.state) << row.name;
    EXPECT_EQ(IsFinal(row.state), row.final) << row.name;
  }
  EXPECT_EQ(ParseTouchState("sent"), std::nullopt);
  EXPECT_EQ(ArmName(Arm::kTreated), "treated");
  EXPECT_EQ(ArmName(Arm::kHeldOut), "held_out");
}

TEST(ContentsTest, KeepsChannelsPartsAndTheirOrder) {
  const std::vector<ChannelContent> contents = {
      {"push", {{"url", "app://\"r\""}, {"title", "你好\n😀"}}},
      {"mail", {}},
      {"sms", {{"text", ""}}}};
  const auto back = DecodeContents(EncodeContents(contents));
  ASSERT_EQ(back.size(), contents.size());
  for (size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i].channel, contents[i].channel);
    EXPECT_EQ(back[i].parts, contents[i].parts);
  }
  EXPECT_EQ(FindContent(back, "sms"), &back[2]);
  EXPECT_EQ(FindContent(back, "fax"), nullptr);
  EXPECT_EQ(ContentsAfter(back, "push").size(), 2u);
  EXPECT_TRUE(ContentsAfter(back, "sms").empty());
  EXPECT_TRUE(ContentsAfter(back, "fax").empty());
}

TEST(ContentsTest, BytesThatAreNoUtf8AreReplaced) {
  const std::vector<ChannelContent> contents = {{"push", {{"title", "a\xff"}}}};
  const auto back = DecodeContents(EncodeContents(contents));
  EXPECT_EQ(back.at(0).parts.at(0).second, "a\xEF\xBF\xBD");
}

}  // namespace
}  // namespace rekindle
