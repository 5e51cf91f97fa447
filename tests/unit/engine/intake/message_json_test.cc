// Tests engine/intake/message_json.cc: what a message's surroundings add, and
// when it happened. What its own fields mean stands in import/ndjson_test.cc.
#include "engine/intake/message_json.h"

#include <gtest/gtest.h>

#include "config/base/json_reader.h"

namespace rekindle {
namespace {

const Calendar kUtc = Calendar::Utc();

Instant At(std::string_view text) { return kUtc.ParseMoment(text)->at; }

const Instant kReceived = At("2024-01-02T03:04:10Z");

Result<Message> Read(const std::string& json, const MessageFrame& frame,
                     bool* clock_off = nullptr) {
  JsonObjectReader reader;
  auto document = reader.Read(json);
  if (!document) return tl::make_unexpected(document.error());
  return ReadMessage((*document)->get_object().value(), frame, kUtc, clock_off);
}

struct DatingCase {
  const char* fields;   // of the message
  const char* sent_at;  // of the batch
  const char* when;     // or why not
  bool clock_off = false;
};

TEST(MessageJson, DatesByTheServersClock) {
  for (const DatingCase& c : {
           // The vector: five minutes fast, two seconds under way.
           DatingCase{R"("timestamp":"2024-01-02T03:09:05.000Z")",
                      "2024-01-02T03:09:08.000Z", "2024-01-02T03:04:07+00:00"},
           // RudderStack: each message has its own sentAt.
           {R"("originalTimestamp":"2024-01-02T03:09:05.000Z",)"
            R"("sentAt":"2024-01-02T03:09:08.000Z")",
            "", "2024-01-02T03:04:07+00:00"},
           // The message's sentAt comes before the batch's.
           {R"("timestamp":"2024-01-02T03:09:05Z",)"
            R"("sentAt":"2024-01-02T03:09:08Z")",
            "2024-01-02T03:04:10Z", "2024-01-02T03:04:07+00:00"},
           // Both: the timestamp was set on purpose.
           {R"("timestamp":"2023-05-01T00:00:00Z",)"
            R"("originalTimestamp":"2024-01-02T03:09:05Z")",
            "2024-01-02T03:09:08Z", "2023-05-01T00:00:00+00:00"},
           {R"("timestamp":"2024-01-02T03:09:05Z")", "",
            "2024-01-02T03:09:05+00:00"},
           {R"("timestamp":"2024-01-02T03:09:05Z")", "yesterday",
            "2024-01-02T03:09:05+00:00"},
           // History brought in late is moved by the skew alone.
           {R"("timestamp":"2021-01-02T03:00:00Z")", "2024-01-02T03:04:11Z",
            "2021-01-02T02:59:59+00:00"},
           {R"("timestamp":"2021-01-02")", "2024-01-02T03:04:11Z",
            "2021-01-02T00:00:00+00:00"},
           {R"("timestamp":1704164945)", "1704164948000",
            "2024-01-02T03:04:07+00:00"},
           {R"("timestamp":1704164945.25)", "1704164948.0",
            "2024-01-02T03:04:07.250+00:00"},
           {R"("timestamp":1.5)", "",
            "timestamp: \"1.5\" is not a time: write 2026-02-14, "
            "2026-02-14T09:30:00+08:00, or unix seconds or milliseconds"},
           {R"("timestamp":"20240102T110409+0800")", "",
            "2024-01-02T03:04:09+00:00"},
           {R"("timestamp":"2024-01-02T03:04")", "",
            "2024-01-02T03:04:00+00:00"},
           {R"("timestamp":"2024-01-02T03:04:05.5")", "",
            "2024-01-02T03:04:05.500+00:00"},
           {"\"x\":1", "2024-01-02T03:09:08Z", "2024-01-02T03:04:10+00:00"},
           {R"("timestamp":"2024-01-03T03:04:10Z")", "2024-01-03T03:04:10Z",
            "2024-01-02T03:04:10+00:00"},
           {R"("timestamp":"2025-01-02T03:04:05Z")", "2025-01-02T03:04:08Z",
            "2024-01-02T03:04:10+00:00", true},
           {R"("timestamp":"2020-01-02T03:04:05Z")", "2020-01-02T03:04:08Z",
            "2024-01-02T03:04:10+00:00", true},
           {R"("timestamp":"soon")", "2024-01-02T03:09:08Z",
            "timestamp: \"soon\" is not a time: write 2026-02-14, "
            "2026-02-14T09:30:00+08:00, or unix seconds or milliseconds"},
       }) {
    bool clock_off = false;
    Result<Message> message =
        Read(R"({"type":"track","userId":"u","event":"e",)" +
                 std::string(c.fields) + "}",
             {.now = kReceived, .sent_at = c.sent_at, .received_at = kReceived},
             &clock_off);
    EXPECT_EQ(message ? kUtc.Format(message->when.at) : message.error().message,
              c.when)
        << c.fields << " sent at " << c.sent_at;
    EXPECT_EQ(clock_off, c.clock_off) << c.fields;
  }
}

TEST(MessageJson, SurroundingsStandInForWhatIsMissing) {
  const MessageFrame frame{.now = kReceived,
                           .type = "identify",
                           .context_traits = R"({"city":"outer"})"};
  struct Case {
    const char* json;
    const char* traits;
  };
  for (const Case& c :
       {Case{R"({"userId":"u"})", R"({"city":"outer"})"},
        {R"({"userId":"u","context":{"ip":"::1"}})", R"({"city":"outer"})"},
        {R"({"userId":"u","context":{"traits":{"a":1}}})", R"({"a":1})"},
        {R"({"userId":"u","traits":{"a":2}})", R"({"a":2})"}}) {
    Result<Message> message = Read(c.json, frame);
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->kind, MessageKind::kIdentify);
    EXPECT_EQ(message->traits, c.traits) << c.json;
  }
  Result<Message> own =
      Read(R"({"type":"track","event":"e","userId":"u","timestamp":1})", frame);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->kind, MessageKind::kEvent);
}

TEST(MessageJson, TextWithItsFrameMeansTheSame) {
  const MessageFrame frame{.now = kReceived,
                           .type = "track",
                           .sent_at = "2024-01-02T03:09:08Z",
                           .context_traits = R"({"a":1})",
                           .received_at = kReceived};
  const std::string bare =
      R"({"userId":"u","event":"e","timestamp":"2024-01-02T03:09:05Z"})";
  const std::string framed = WithFrame(bare, frame);
  EXPECT_EQ(framed,
            R"({"type":"track","sentAt":"2024-01-02T03:09:08Z",)"
            R"("receivedAt":1704164650000,"context":{"traits":{"a":1}},)"
            R"("userId":"u","event":"e","timestamp":"2024-01-02T03:09:05Z"})");
  const Instant later = kReceived + std::chrono::hours(30);
  EXPECT_EQ(Read(framed, {.now = later})->when.at, Read(bare, frame)->when.at);

  EXPECT_EQ(WithFrame("{ }", {.type = "page"}), R"({"type":"page"})");
  EXPECT_EQ(WithFrame("{}", {}), "{}");
  EXPECT_EQ(WithFrame("[1]", frame), "[1]");
}

}  // namespace
}  // namespace rekindle
