#include "engine/import/ndjson.h"

#include <gtest/gtest.h>

#include <string>

#include "config/base/json_text.h"
#include "tests/unit/engine/intake/now.h"

namespace rekindle {
namespace {

std::string Reason(const std::string& json) {
  Result<Message> message =
      JsonRowReader(Calendar::Utc()).ReadMessage(json, kNow);
  return message ? "accepted" : message.error().message;
}

Message Read(const std::string& json) {
  Result<Message> message =
      JsonRowReader(Calendar::Utc()).ReadMessage(json, kNow);
  EXPECT_TRUE(message) << message.error().message << " in " << json;
  return message.value_or(Message());
}

std::string Nested(int levels) {
  return R"({"type":"track","userId":"u","event":"e","timestamp":1772323200,)"
         R"("properties":{"a":)" +
         std::string(levels - 2, '[') + std::string(levels - 2, ']') + "}}";
}

TEST(IntakeNdjson, Track) {
  Message m = Read(
      R"({"type":"track","userId":"u1","anonymousId":"a1","event":"order_paid",)"
      R"("messageId":"m1","timestamp":"2026-02-14T09:30:00.250+08:00",)"
      R"("properties": {"amount": 12.50, "big": 12345678901234567890123} ,)"
      R"("context":{"library":{"name":"x"}},"_metadata":{"x":[1,2]}})");
  EXPECT_EQ(m.kind, MessageKind::kEvent);
  EXPECT_EQ(m.user_id, "u1");
  EXPECT_EQ(m.anonymous_id, "a1");
  EXPECT_EQ(m.event, "order_paid");
  EXPECT_EQ(m.message_id, "m1");
  EXPECT_EQ(Calendar::Utc().Format(m.when.at), "2026-02-14T01:30:00.250+00:00");
  EXPECT_EQ(m.properties,
            R"({"amount": 12.50, "big": 12345678901234567890123})");
  EXPECT_TRUE(m.properties_checked);
  EXPECT_EQ(m.traits, "");
}

TEST(IntakeNdjson, NumbersAsIdsBecomeTheirText) {
  Message m = Read(
      R"({"type":"track","userId":12345678901234567890123,"anonymousId":-7,)"
      R"("messageId":0,"event":"e","timestamp":1772323200})");
  EXPECT_EQ(m.user_id, "12345678901234567890123");
  EXPECT_EQ(m.anonymous_id, "-7");
  EXPECT_EQ(m.message_id, "0");
  EXPECT_EQ(Calendar::Utc().Format(m.when.at), "2026-03-01T00:00:00+00:00");
}

TEST(IntakeNdjson, PagesAndScreensNameThemselves) {
  struct Case {
    const char* fields;
    const char* event;
    const char* properties;
  };
  for (const Case& c :
       {Case{R"("type":"page","name":"Home")", "page", R"({"name":"Home"})"},
        {R"("type":"screen","name":"Shop","category":"buy")", "screen",
         R"({"name":"Shop","category":"buy"})"},
        {R"("type":"page","name":"Home","properties":{"url":"/"})", "page",
         R"({"name":"Home","url":"/"})"},
        {R"("type":"page","name":"Home","properties":{ })", "page",
         R"({"name":"Home"})"},
        {R"("type":"page","name":"Home","properties":{"name":"Other"})", "page",
         R"({"name":"Other"})"},
        {R"("type":"page")", "page", ""},
        {R"("type":"track","event":"e","name":"not mine")", "e", ""}}) {
    Message m = Read("{" + std::string(c.fields) +
                     R"(,"userId":"u","timestamp":"2026-02-14"})");
    EXPECT_EQ(m.kind, MessageKind::kEvent) << c.fields;
    EXPECT_EQ(m.event, c.event) << c.fields;
    EXPECT_EQ(m.properties, c.properties) << c.fields;
    EXPECT_TRUE(m.when.by_day) << c.fields;
  }
}

TEST(IntakeNdjson, WhoSomeoneIs) {
  Message m =
      Read(R"({"type":"identify","userId":"u1","anonymousId":"a1",)"
           R"("traits":{"city":"上海"},"context":{"traits":{"city":"no"}}})");
  EXPECT_EQ(m.kind, MessageKind::kIdentify);
  EXPECT_EQ(m.traits, R"({"city":"上海"})");
  EXPECT_EQ(m.when.at, kNow);

  m = Read(R"({"type":"identify","userId":"u1",)"
           R"("context":{"ip":"::1","traits":{"city":"x"}}})");
  EXPECT_EQ(m.traits, R"({"city":"x"})");

  m = Read(R"({"type":"alias","previousId":"a1","userId":"u1"})");
  EXPECT_EQ(m.kind, MessageKind::kAlias);
  EXPECT_EQ(m.previous_id, "a1");
  EXPECT_EQ(m.user_id, "u1");

  m = Read(R"({"type":"group","groupId":9,"userId":"u1","traits":{"x":1}})");
  EXPECT_EQ(m.kind, MessageKind::kGroup);
  EXPECT_EQ(m.traits, "");
}

TEST(IntakeNdjson, TheTimestampComesBeforeTheOriginalOne) {
  Message m =
      Read(R"({"type":"track","userId":"u","event":"e","originalTimestamp":)"
           R"("2026-02-13T00:00:00Z","timestamp":"2026-02-14T00:00:00Z"})");
  EXPECT_EQ(Calendar::Utc().Format(m.when.at), "2026-02-14T00:00:00+00:00");
  m = Read(R"({"type":"track","userId":"u","event":"e","timestamp":null,)"
           R"("originalTimestamp":1772323200500})");
  EXPECT_EQ(Calendar::Utc().Format(m.when.at), "2026-03-01T00:00:00.500+00:00");
}

TEST(IntakeNdjson, MessagesThatWillNotDo) {
  struct Case {
    std::string json;
    const char* reason;
  };
  const Case cases[] = {
      {R"({"userId":"u"})",
       "type is missing; expected track, page, screen, identify, group or "
       "alias"},
      {R"({"type":"trak","userId":"u"})",
       "unknown type \"trak\"; did you mean \"track\"?"},
      {R"({"type":"purchase","userId":"u"})",
       "unknown type \"purchase\"; expected track, page, screen, identify, "
       "group or alias"},
      {R"({"type":7})", "type must be a text"},
      {R"({"type":"track","event":"e","timestamp":1})",
       "neither userId nor anonymousId is given"},
      {R"({"type":"track","userId":"","event":"e","timestamp":1})",
       "neither userId nor anonymousId is given"},
      {R"({"type":"track","userId":true,"event":"e"})",
       "userId must be a text or a whole number"},
      {R"({"type":"track","userId":1.5,"event":"e"})",
       "userId must be a text or a whole number"},
      {R"({"type":"track","userId":1e3,"event":"e"})",
       "userId must be a text or a whole number"},
      {R"({"type":"track","userId":{},"event":"e"})",
       "userId must be a text or a whole number"},
      {R"({"type":"track","userId":"u\u0000","event":"e"})",
       "userId holds a NUL character"},
      {R"({"type":"track","userId":"u","timestamp":1})", "event is empty"},
      {R"({"type":"track","userId":"u","event":5})", "event must be a text"},
      {R"({"type":"track","userId":"u","event":"e"})", "timestamp is missing"},
      {R"({"type":"track","userId":"u","event":"e","timestamp":"soon"})",
       "timestamp: \"soon\" is not a time: write 2026-02-14, "
       "2026-02-14T09:30:00+08:00, or unix seconds or milliseconds"},
      {R"({"type":"track","userId":"u","event":"e","timestamp":1,)"
       R"("properties":[1]})",
       "properties must be an object"},
      {R"({"type":"identify","userId":"u","traits":"x"})",
       "traits must be an object"},
      {R"({"type":"alias","userId":"u"})", "previousId is missing"},
      {R"({"type":"alias","previousId":"u"})", "userId is missing"},
      {R"({"type":"group","userId":"u"})", "groupId is missing"},
      {R"([1,2])", "not a JSON object"},
      {R"("text")", "not a JSON object"},
      {"", "not valid JSON"},
      {"{", "not valid JSON"},
      {R"({"a":1)", "not valid JSON"},
      {R"({"a":tru})", "not valid JSON"},
      {R"({"a":01})", "not valid JSON"},
      {R"({"a":1e400})", "a number is too large"},
      {R"({"a":-1.5e+999})", "a number is too large"},
      {R"({"a":1e})", "not valid JSON"},
      {R"({"a":1.e999})", "not valid JSON"},
      {R"({"a":01e999})", "not valid JSON"},
      {R"({"a":{"b":[1,]}})", "not valid JSON"},
      {R"({"a":"\ud800"})", "a text holds half of a surrogate pair"},
      {R"({"a":"\ud83d and \"more\""})",
       "a text holds half of a surrogate pair"},
      {R"({"\udc00":1})", "a text holds half of a surrogate pair"},
      {R"({"a":"\q"})", "not valid JSON"},
      {R"({"a":"\ud83"})", "not valid JSON"},
      {R"({"\u12x4":1})", "not valid JSON"},
      {R"({"a":nul})", "not valid JSON"},
      {R"({"a" 1})", "not valid JSON"},
      {R"({"a":1} x)", "text after the JSON object"},
      {R"({"a":1}{"a":2})", "text after the JSON object"},
      {"{\"a\":\"\xff\"}", "not UTF-8 text"},
      {Nested(65), "JSON nested deeper than 64 levels"},
      {Nested(2000), "JSON nested deeper than 64 levels"},
      {Nested(64), "accepted"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Reason(c.json), c.reason) << c.json.substr(0, 200);
  }
}

TEST(IntakeNdjson, OneReaderReadsMany) {
  JsonRowReader reader(Calendar::Utc());
  EXPECT_FALSE(reader.ReadMessage("{", kNow));
  EXPECT_TRUE(reader.ReadMessage(
      R"({"type":"track","userId":"u","event":"e","timestamp":1})", kNow));
  EXPECT_FALSE(reader.ReadMessage(Nested(70), kNow));
  EXPECT_TRUE(reader.ReadMessage(
      R"({"type":"track","userId":"u","event":"e","timestamp":1})", kNow));
}

TEST(IntakeNdjson, UsersArePlainObjectsOrIdentify) {
  JsonRowReader reader(Calendar::Utc());
  Result<JsonUser> row = reader.ReadUser(
      R"({"user_id":42,"type":"fleet","city":"上海","age":30,"tags":["a", 1],)"
      R"("consent.offers":false,"email":null,"say \"x\"":true})",
      kNow);
  ASSERT_TRUE(row) << row.error().message;
  const auto& user = std::get<Engine::UserRow>(*row);
  EXPECT_EQ(user.user_id, "42");
  EXPECT_EQ(user.json_object,
            R"({"type":"fleet","city":"上海","age":30,"tags":["a", 1],)"
            R"("email":null,"say \"x\"":true})");
  ASSERT_EQ(user.consents.size(), 1u);
  EXPECT_EQ(user.consents[0], (std::pair<std::string, bool>{"offers", false}));

  row = reader.ReadUser(R"({"type":"identify","userId":"u1","traits":{"a":1}})",
                        kNow);
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(std::get<Message>(*row).traits, R"({"a":1})");
}

TEST(IntakeNdjson, UsersThatWillNotDo) {
  struct Case {
    const char* json;
    const char* reason;
  };
  for (const Case& c :
       {Case{R"({"city":"x"})", "user_id is missing"},
        {R"({"user_id":null})", "user_id is empty"},
        {R"({"type":"track","userId":"u","event":"e","timestamp":1})",
         "not an identify message; import it as an event"},
        {R"({"user_id":"u","consent.offers":"true"})",
         "consent.offers: \"\"true\"\" is not true or false"},
        {R"({"user_id":"u","consent.":true})", "consent. must name a topic"},
        {R"({"user_id":"u"} {})", "text after the JSON object"}}) {
    Result<JsonUser> row =
        JsonRowReader(Calendar::Utc()).ReadUser(c.json, kNow);
    EXPECT_EQ(row ? "accepted" : row.error().message, c.reason) << c.json;
  }
}

TEST(IntakeNdjson, StringsAreEscaped) {
  std::string out;
  AppendJsonString(&out, std::string_view("a\"b\\c\n\0\x1f 上", 12));
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\u000a\\u0000\\u001f 上\"");
}

}  // namespace
}  // namespace rekindle
