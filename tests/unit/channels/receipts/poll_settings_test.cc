#include "channels/receipts/poll_settings.h"

#include <cstdlib>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using channel_testing::ChannelErrors;
using channel_testing::Channels;
using namespace std::chrono_literals;

class PollSettingsTest : public ::testing::Test {
 protected:
  PollSettingsTest() { setenv("POLL", "hidden", 1); }

  // In a channel whose touches have addresses.
  static std::string With(const std::string& poll) {
    return "c: {type: http, url: \"https://a.example\", address_field: "
           "phone, receipts: {poll: " +
           poll + "}}";
  }
  static PollSettings Read(const std::string& poll) {
    const auto channels = Channels(With(poll));
    EXPECT_EQ(channels.size(), 1u);
    const ReceiptSettings& receipts = channels.at(0).receipts.value();
    EXPECT_TRUE(receipts.keys.empty()) << "no callbacks";
    return receipts.poll.value();
  }
};

TEST_F(PollSettingsTest, ARequestThatNamesNoTouchIsAskedAsAWhole) {
  const PollSettings poll = Read(
      "{url: \"https://a.example/pull\", json: {at: \"{{timestamp}}\"}, "
      "secrets: {key: {env: POLL}}, auth: {bearer: \"{{secret.key}}\"}}");
  EXPECT_FALSE(poll.per_touch);
  EXPECT_EQ(poll.every, 1min);
  EXPECT_EQ(poll.request.timeout, 15s);
  EXPECT_EQ(poll.request.secrets.at("key").Reveal(), "hidden");
}

TEST_F(PollSettingsTest, OneThatNamesItIsAskedForEach) {
  const PollSettings poll = Read(
      "{url: \"https://a.example/{{provider_id}}\", method: GET, every: 5 "
      "minutes, give_up_after: 2 days, concurrency: 2}");
  EXPECT_TRUE(poll.per_touch);
  EXPECT_TRUE(poll.names_provider_id);
  EXPECT_TRUE(poll.names_message);
  EXPECT_FALSE(poll.names_address);
  EXPECT_EQ(poll.every, 5min);
  EXPECT_EQ(poll.give_up_after, 48h);
  EXPECT_EQ(poll.concurrency, 2);

  const PollSettings by_phone = Read(
      "{url: \"https://a.example\", form: {PhoneNumber: \"{{address}}\", "
      "SendDate: \"{{sent_at | date: \\\"%Y%m%d\\\"}}\"}}");
  EXPECT_TRUE(by_phone.per_touch);
  EXPECT_TRUE(by_phone.names_address);
  EXPECT_FALSE(by_phone.names_message) << "there may have been several";
}

TEST_F(PollSettingsTest, CallbacksMayBeTakenBesides) {
  const auto channels = Channels(
      "c: {type: file, dir: x, receipts: {secret: {env: POLL}, signature: "
      "token, poll: {url: \"https://a.example\"}}}");
  EXPECT_EQ(channels.at(0).receipts->keys.size(), 1u);
  EXPECT_TRUE(channels[0].receipts->poll);
}

TEST_F(PollSettingsTest, NameWhatIsWrong) {
  const struct {
    std::string poll, error;
  } kRows[] = {
      {"{}", "rekindle.yaml:1:82: error: poll needs \"url\""},
      {"pull", "poll must be a map"},
      {"{url: \"https://a.example\", evry: 1 hour}",
       "rekindle.yaml:1:109: error: unknown key \"evry\" in poll; did you mean "
       "\"every\"?"},
      {"{url: \"https://a.example/{{provider_ids}}\"}",
       "there is no variable \"provider_ids\"; did you mean \"provider_id\"?; "
       "secrets are secret.NAME"},
      {"{url: \"https://a.example\", text: \"{{parts.text}}\"}",
       "there is no variable \"parts.text\"; expected touch_id, provider_id, "
       "rule_id, user_id, slot, sent_at, address, timestamp, timestamp_ms, "
       "signature or body; secrets are secret.NAME"},
      {"{url: \"https://{{touch_id}}.example\"}",
       "the host of url must not hold variables"},
      {"{url: \"https://a.example\", method: GET, text: x}",
       "a GET request has no body"},
      {"{url: \"https://a.example\", every: 10 seconds}",
       "every: \"10 seconds\" is not a duration: the unit must be minutes, "},
      {"{url: \"https://a.example\", every: 1 month}",
       "every must be in minutes, hours, days or weeks, at most 1 day, not \"1 "
       "month\""},
      {"{url: \"https://a.example\", every: 25 hours}", "at most 1 day"},
      {"{url: \"https://a.example/{{touch_id}}\", give_up_after: 2 periods}",
       "give_up_after must be in minutes, hours, days or weeks, at most 366 "
       "days, not \"2 periods\""},
      {"{url: \"https://a.example\", give_up_after: 2 days}",
       "give_up_after goes with a request that names the touch it is about, "
       "such as {{provider_id}}"},
      {"{url: \"https://a.example\", concurrency: 2}",
       "concurrency goes with a request that names the touch it is about"},
      {"{url: \"https://a.example/{{touch_id}}\", concurrency: 0}",
       "concurrency must be between 1 and 64, not 0"},
      {"{url: \"https://a.example\", secrets: {key: plain}}", "key"},
      {"{url: \"https://a.example\", timeout_seconds: 0}",
       "timeout_seconds must be between 1 and 300, not 0"},
  };
  for (const auto& row : kRows) {
    const std::string errors = ChannelErrors(With(row.poll));
    EXPECT_NE(errors.find(row.error), std::string::npos) << row.poll << "\n"
                                                         << errors;
  }
}

TEST_F(PollSettingsTest, AnAddressNeedsAChannelThatHasOne) {
  EXPECT_NE(ChannelErrors("c: {type: file, dir: x, receipts: {poll: {url: "
                          "\"https://a.example/{{address}}\"}}}")
                .find("{{address}} needs an address_field"),
            std::string::npos);
}

TEST_F(PollSettingsTest, WhatIsOfCallbacksNeedsTheirSecret) {
  const std::string poll = "poll: {url: \"https://a.example\"}";
  EXPECT_NE(ChannelErrors("c: {type: file, dir: x, receipts: {" + poll +
                          ", signature: token}}")
                .find("signature and header are of callbacks, which need "
                      "\"secret\""),
            std::string::npos);
  EXPECT_NE(ChannelErrors("c: {type: file, dir: x, receipts: {}}")
                .find("receipts needs \"secret\" for callbacks, or \"poll\" "
                      "where the provider is asked"),
            std::string::npos);
}

}  // namespace
}  // namespace rekindle
