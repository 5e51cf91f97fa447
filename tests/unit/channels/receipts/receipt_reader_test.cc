#include "channels/receipts/receipt_reader.h"

#include <gtest/gtest.h>

#include "config/base/words.h"

namespace rekindle {
namespace {

// 2026-03-01T10:00:00Z.
constexpr int64_t kNow = 1772359200;

// "touch|provider|state|recipient|code|unix time", then " -N" for those passed
// over and "!reason" for those refused; "?reason" where nothing can be read.
std::string Read(const ReceiptSettings& settings, std::string_view body,
                 const std::string& about = "") {
  const auto read =
      ReadReceiptBody(settings, "mail", body, FromMillis(kNow * 1000), about);
  if (!read) return "?" + read.error().message;
  std::vector<std::string> words;
  for (const Receipt& r : read->receipts) {
    EXPECT_EQ(r.channel, "mail");
    words.push_back(
        Join({r.touch_id, r.provider_id, std::string(ReceiptStateName(r.state)),
              r.recipient, r.code, std::to_string(ToMillis(r.at) / 1000)},
             "|"));
  }
  if (read->passed_over > 0) {
    words.push_back("-" + std::to_string(read->passed_over));
  }
  for (const auto& refused : read->refused) {
    words.push_back("!" + refused.reason);
  }
  return Join(words, " ");
}

TEST(ReadReceiptBody, TakesTheNormalisedShape) {
  const ReceiptSettings settings;
  struct Row {
    const char *body, *read;
  };
  const Row rows[] = {
      {R"({"touch_id":"t1","state":"delivered","timestamp":1772359100})",
       "t1||delivered|||1772359100"},
      {R"({"messageKey":"t1","providerId":17,"state":"sent","rawCode":"250",
           "recipient":"a@b.example","occurredAt":"2026-03-01T09:59:00Z"})",
       "t1|17|accepted|a@b.example|250|1772359140"},
      {R"([{"touch_id":"t1","state":"opened"},{"providerId":"p",
           "state":"clicked"}])",
       "t1||opened|||1772359200 |p|clicked|||1772359200"},
      {R"({"touch_id":"t","state":"bounced","class":"R"})",
       "t||bounced|||1772359200"},
      {R"({"touch_id":"t","state":"bounced","class":"T"})",
       "t||undelivered|||1772359200"},
      {R"({"touch_id":"t","state":"undelivered","class":"dead_recipient"})",
       "t||bounced|||1772359200"},
      // Nothing happened in the future, and what is no time is now.
      {R"({"touch_id":"t","state":"opened","timestamp":"2027-01-01"})",
       "t||opened|||1772359200"},
      {R"({"touch_id":"t","state":"opened","timestamp":"soon"})",
       "t||opened|||1772359200"},
      {R"({"touch_id":"t","state":"opened","timestamp":1772359100.75})",
       "t||opened|||1772359100"},
      {R"([])", ""},
      {R"([{"touch_id":"t","state":"lost"},{"state":"opened"},{"touch_id":"t"},
           7])",
       "!unknown state \"lost\"; expected accepted, deferred, delivered, "
       "undelivered, bounced, opened, clicked, complained or unsubscribed "
       "!it names neither a touch nor a message !there is no state !there is "
       "no state"},
      {R"({"touch_id":{"a":1},"state":"opened"})",
       "!it names neither a touch nor a message"},
      {R"({"touch_id":"t","state":"opened")",
       "?the body is neither JSON nor a form"},
      {"", "?the body is neither JSON nor a form"},
      {"hello", "?the body is neither JSON nor a form"},
      {"touch_id=t%31&state=delivered&recipient=a%40b+c",
       "t1||delivered|a@b c||1772359200"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Read(settings, row.body), row.read) << row.body;
  }
}

TEST(ReadReceiptBody, TakesAProvidersOwn) {
  ReceiptSettings settings;
  settings.items = "/events";
  settings.touch_id = {"/args/m"};
  settings.id = {"/sg_message_id"};
  settings.state = {"/event", "/type"};
  settings.code = {"/status"};
  settings.events = {{"delivered", ReceiptState::kDelivered},
                     {"bounce", ReceiptState::kBounced},
                     {"bounce/blocked", ReceiptState::kUndelivered},
                     {"spamreport", ReceiptState::kComplained}};
  struct Row {
    const char *body, *read;
  };
  const Row rows[] = {
      {R"({"events":[{"event":"delivered","args":{"m":"t1"}},
           {"event":"bounce","type":"blocked","sg_message_id":"p1"},
           {"event":"bounce","type":"bounce","sg_message_id":"p1",
            "status":"5.1.1"},
           {"event":"processed","sg_message_id":"p1"},
           {"event":"spamreport","type":"x","args":[{"m":1}]}]})",
       "t1||delivered|||1772359200 |p1|undelivered|||1772359200 "
       "|p1|bounced||5.1.1|1772359200 -1 !it names neither a touch nor a "
       "message"},
      {R"({"event":"delivered"})", "?there is nothing at /events"},
      {R"({"events":"none"})", "?there is neither a receipt nor a list"},
      {R"([1])", "?there is nothing at /events"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Read(settings, row.body), row.read) << row.body;
  }
}

TEST(ReadReceiptBody, WhatNamesNoTouchIsAboutTheOneThatWasAskedAbout) {
  const ReceiptSettings settings;
  EXPECT_EQ(Read(settings, R"({"state":"delivered"})", "t7"),
            "t7||delivered|||1772359200");
  EXPECT_EQ(Read(settings, R"({"provider_id":"p","state":"delivered"})", "t7"),
            "|p|delivered|||1772359200");
  EXPECT_EQ(Read(settings, R"({"state":"delivered"})"),
            "!it names neither a touch nor a message");
}

TEST(ReadReceiptBody, ANullInPlaceOfTheListIsAnEmptyOne) {
  ReceiptSettings settings;
  settings.items = "/items";
  EXPECT_EQ(Read(settings, R"({"items":null})"), "");
  EXPECT_EQ(Read(settings, R"({"items":[]})"), "");
  EXPECT_EQ(Read(settings, R"({"error":1})"), "?there is nothing at /items");
}

TEST(ReadReceiptBody, KeepsAddressesOutOfWhatIsShown) {
  const auto read = ReadReceiptBody(
      {}, "mail",
      R"({"touch_id":"t","state":"bounced","recipient":"kim@b.example",
          "detail":"550 <kim@b.example>: unknown"})",
      FromMillis(0));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->receipts.at(0).detail.find("kim"), std::string::npos);
  EXPECT_EQ(read->receipts.at(0).recipient, "kim@b.example");
}

TEST(ReadReceiptBody, RefusesMoreThanItCanHold) {
  std::string body = "[";
  for (int i = 0; i < 10'001; ++i) body += "1,";
  body.back() = ']';
  EXPECT_EQ(Read({}, body), "?over 10000 receipts; send fewer at a time");
}

TEST(ReadReceiptBody, RefusesWhatIsNestedTooDeep) {
  const std::string deep(1'000'000, '[');
  EXPECT_EQ(Read({}, deep), "?the body is over 100 levels deep");
  const std::string closed = deep + std::string(deep.size(), ']');
  EXPECT_EQ(Read({}, closed), "?the body is over 100 levels deep");
}

}  // namespace
}  // namespace rekindle
