// Tests daemon/intake/call.cc: what a call's body says, and which of its
// messages are refused. What a message's fields mean stands in
// unit/engine/import/ndjson_test.cc.
#include <gtest/gtest.h>

#include "daemon/intake/call_reader.h"

namespace rekindle {
namespace {

const Calendar kUtc = Calendar::Utc();

std::string Read(std::string_view path, const std::string& body) {
  Call call;
  call.path = path;
  call.type = FindCall(path)->type;
  call.received_at = *kUtc.ParseFrom("2026-03-01T00:00:00Z");
  call.body = body;
  call.body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  auto problem = CallReader().Read(kUtc, &call);
  if (problem) {
    return std::to_string(problem->status) + " " + problem->error + ": " +
           problem->detail;
  }
  std::string text = std::to_string(call.messages.size()) + " taken";
  for (const RefusedMessage& one : call.refused) {
    text += "; " + std::to_string(one.place.item) + " " +
            std::string(RefusalName(one.refusal)) + ": " + one.reason;
  }
  return text;
}

std::string Track(const std::string& fields = R"("event":"e")") {
  return R"({"type":"track","userId":"u",)" + fields + "}";
}

std::string Batch(int64_t messages, const std::string& one = Track()) {
  std::string body = R"({"batch":[)";
  for (int64_t i = 0; i < messages; ++i) body += (i > 0 ? "," : "") + one;
  return body + "]}";
}

TEST(Call, PathsAndTheirShortForms) {
  const std::pair<const char*, const char*> cases[] = {
      {"/v1/batch", "/v1/batch"},
      {"/v1/b", "/v1/batch"},
      {"/v1/track", "/v1/track"},
      {"/v1/t", "/v1/track"},
      {"/v1/identify", "/v1/identify"},
      {"/v1/i", "/v1/identify"},
      {"/v1/page/", "/v1/page"},
      {"/v1/s", "/v1/screen"},
      {"/v1/g", "/v1/group"},
      {"/v1/alias", "/v1/alias"},
      {"/v1/", ""},
      {"/v2/batch", ""},
      {"/batch", ""},
      {"/v1/batches", ""},
      {"/v1/batch/x", ""},
  };
  for (const auto& [path, found] : cases) {
    EXPECT_EQ(FindCall(path).value_or(CallPath{}).path, found) << path;
  }
}

TEST(Call, Bodies) {
  struct Case {
    const char* path;
    std::string body;
    std::string outcome;
  };
  const Case cases[] = {
      {"/v1/batch", Batch(2), "2 taken"},
      {"/v1/track", R"({"userId":"u","event":"e"})", "1 taken"},
      {"/v1/page", R"({"anonymousId":"a"})", "1 taken"},
      {"/v1/identify", R"({"userId":"u","traits":{}})", "1 taken"},
      {"/v1/alias", R"({"userId":"u","previousId":"a"})", "1 taken"},
      {"/v1/group", R"({"userId":"u","groupId":"g"})", "1 taken"},
      {"/v1/track", R"({"userId":"u"})",
       "0 taken; 1 unreadable: event is empty"},
      {"/v1/batch",
       R"({"batch":[{"type":"track","event":"e"},)" + Track() +
           R"(,7,"x",null,[],{"type":"tarck","userId":"u"}]})",
       "1 taken; 1 unreadable: neither userId nor anonymousId is given; 3 "
       "unreadable: not a JSON object; 4 unreadable: not a JSON object; 5 "
       "unreadable: not a JSON object; 6 unreadable: not a JSON object; 7 "
       "unreadable: unknown type \"tarck\"; did you mean \"track\"?"},
      {"/v1/batch", "", "400 request body is nil: the request has no body"},
      {"/v1/batch", " \n", "400 request body is nil: the request has no body"},
      {"/v1/batch", R"({"batch":[]})",
       "400 empty batch payload: the batch holds no message"},
      {"/v1/batch", "{}",
       "400 empty batch payload: there is no list \"batch\""},
      {"/v1/batch", R"({"batch":{}})",
       "400 empty batch payload: there is no list \"batch\""},
      {"/v1/batch", "[1]", "400 invalid json: not a JSON object"},
      {"/v1/batch", "{\"batch\":[", "400 invalid json: not valid JSON"},
      {"/v1/track", "x", "400 invalid json: not valid JSON"},
      {"/v1/batch", "{\"batch\":[{\"a\":\"\xff\"}]}",
       "400 invalid json: not UTF-8 text"},
      {"/v1/batch", std::string(100000, '['),
       "400 invalid json: not a JSON object"},
      {"/v1/batch",
       R"({"a":)" + std::string(100000, '[') + std::string(100000, ']') + "}",
       "400 invalid json: JSON nested deeper than 64 levels"},
      {"/v1/batch",
       "{\"batch\":[" + Track() + "," +
           Track(R"("event":"e","properties":{"x":")" +
                 std::string(kMostMessageBytes, 'x') + "\"}") +
           "]}",
       "1 taken; 2 too_large: the message is 32831 bytes long; at most 32768 "
       "are allowed"},
      {"/v1/track",
       R"({"userId":"u","event":")" + std::string(kMostMessageBytes, 'x') +
           "\"}",
       "413 request size exceeds max limit: the message is 32793 bytes long; "
       "at most 32768 are allowed"},
      {"/v1/batch", Batch(kMostMessages), "2500 taken"},
      {"/v1/batch", Batch(kMostMessages + 1),
       "2500 taken; 2501 surplus: message 2501 of a batch; at most 2500 are "
       "taken"},
      {"/v1/batch", Batch(kMostMessages + kMostSurplus + 1, "{}"),
       "413 request size exceeds max limit: a batch of over 27500 messages; at "
       "most 2500 are taken"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Read(c.path, c.body), c.outcome) << c.body.substr(0, 200);
  }
}

std::string Deep(int64_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

// What keeps a message out keeps no other one out, as long as they can be told
// apart.
TEST(Call, AMessageWithAFaultIsRefusedAlone) {
  const std::string half = R"({"a":"\ud83d"})";
  const std::string of_half =
      " unreadable: a text holds half of a surrogate "
      "pair";
  const std::string too_deep = " unreadable: JSON nested deeper than 64 levels";
  const std::string no_batch = "400 invalid json: ";
  const auto with = [](const std::string& properties) {
    return Track(R"("event":"e","properties":)" + properties);
  };
  const auto among = [](const std::string& one, const std::string& beside) {
    return R"({"batch":[)" + Track() + "," + one + "," + Track() + "]" +
           beside + "}";
  };
  struct Case {
    const char* path;
    std::string body;
    std::string outcome;
  };
  const Case cases[] = {
      {"/v1/batch", among(with(half), ""), "2 taken; 2" + of_half},
      {"/v1/batch", among(Track(R"("event":"\udc00")"), ""),
       "2 taken; 2" + of_half},
      {"/v1/batch", among(with(R"({"\ud83d":[1]})"), ""),
       "2 taken; 2" + of_half},
      {"/v1/batch", among(with(R"({"a":1e999})"), ""),
       "2 taken; 2 unreadable: a number is too large"},
      {"/v1/batch", among(with(R"({"a":)" + Deep(62) + "}"), ""), "3 taken"},
      {"/v1/batch", among(with(R"({"a":)" + Deep(63) + "}"), ""),
       "2 taken; 2" + too_deep},
      {"/v1/batch", among(with(R"({"a":)" + Deep(8000) + "}"), ""),
       "2 taken; 2" + too_deep},
      // Only the first of its faults is told.
      {"/v1/batch",
       among(with(R"({"a":)" + Deep(70) + R"(,"b":"\ud83d","c":1e999})"), ""),
       "2 taken; 2" + too_deep},
      {"/v1/batch", among(R"("\ud83d")", ""),
       "2 taken; 2 unreadable: not a JSON object"},
      {"/v1/batch", among(Deep(99), ""),
       "2 taken; 2 unreadable: not a JSON object"},
      {"/v1/batch", among(with(half), R"(,"x":"\ud83d","\ud83d":1)"),
       "2 taken; 2" + of_half},
      {"/v1/track", with(half), "0 taken; 1" + of_half},
      {"/v1/track", R"({"userId":"u","event":"e","\ud83d":1})",
       "0 taken; 1" + of_half},
      {"/v1/track", with(R"({"a":)" + Deep(70) + "}"), "0 taken; 1" + too_deep},
      // The traits of a batch are those of who has none.
      {"/v1/batch",
       R"({"batch":[{"type":"identify","userId":"u"},)"
       R"({"type":"identify","userId":"u","traits":{"a":1}},)" +
           Track() + R"(],"context":{"traits":)" + half + "}}",
       "2 taken; 1" + of_half},
      {"/v1/batch",
       R"({"batch":[{"type":"identify","userId":"u"}],"context":)"
       R"({"page":"\ud83d","traits":{"a":1}}})",
       "1 taken"},
      // Far more than messages are taken.
      {"/v1/batch", Batch(40'000, R"("\ud83d")"),
       no_batch + "a text holds half of a surrogate pair"},
      // No messages that can be told apart.
      {"/v1/batch", among(with(R"({"a":"\q"})"), ""),
       no_batch + "not valid JSON"},
      {"/v1/batch", among(with(R"({"a":1e})"), ""),
       no_batch + "not valid JSON"},
      {"/v1/batch", among(with(half), R"(,"x":tru)"),
       no_batch + "not valid JSON"},
      {"/v1/batch", among(with(R"({"a":)" + Deep(99) + "]}"), ""),
       no_batch + "not valid JSON"},
      {"/v1/batch",
       among(
           with(R"({"a":)" + std::string(99, '[') + std::string(99, '}') + "}"),
           ""),
       no_batch + "not valid JSON"},
      {"/v1/batch", among(with(R"({"a":)" + Deep(100'000) + "}"), ""),
       no_batch + "JSON nested deeper than 64 levels"},
      {"/v1/batch",
       among(with(R"({"a":)" + std::string(100'000, '[') + "}"), ""),
       no_batch + "not valid JSON"},
      {"/v1/batch", among(Track(), R"(,"x":)" + Deep(64)),
       no_batch + "JSON nested deeper than 64 levels"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Read(c.path, c.body), c.outcome) << c.body.substr(0, 300);
  }
}

TEST(Call, TheTextOfAMessageWithAFaultIsKeptAsItStands) {
  const std::string bad = R"({"type":"track","userId":"u","event":"a \ud83d"})";
  Call call;
  call.path = "/v1/batch";
  call.body = R"({"batch":[ )" + bad + " , " + Track() + "]}";
  call.body.reserve(call.body.size() + simdjson::SIMDJSON_PADDING);
  ASSERT_FALSE(CallReader().Read(kUtc, &call));
  ASSERT_EQ(call.refused.size(), 1u);
  EXPECT_EQ(call.refused[0].place.text, bad);
  ASSERT_EQ(call.places.size(), 1u);
  EXPECT_EQ(call.places[0].text, Track());
}

TEST(Call, WhatStandsBesideTheMessagesCountsWhereverItStands) {
  for (const std::string body :
       {R"({"writeKey":"K","sentAt":"2026-03-01T00:00:10Z","context":)"
        R"({"traits":{"a":1}},"batch":[{"type":"identify","userId":"u",)"
        R"("timestamp":"2026-02-28T00:00:10Z"}]})",
        R"({"batch":[{"type":"identify","userId":"u",)"
        R"("timestamp":"2026-02-28T00:00:10Z"}],"context":)"
        R"({"traits":{"a":1}},"sentAt":"2026-03-01T00:00:10Z",)"
        R"("writeKey":"K"})"}) {
    Call call;
    call.received_at = *kUtc.ParseFrom("2026-03-01T00:00:00Z");
    call.body = body;
    call.body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    ASSERT_FALSE(CallReader().Read(kUtc, &call));
    EXPECT_EQ(call.write_key, "K");
    ASSERT_EQ(call.messages.size(), 1u);
    EXPECT_EQ(kUtc.Format(call.messages[0].when.at),
              "2026-02-28T00:00:00+00:00");
    EXPECT_EQ(call.messages[0].traits, R"({"a":1})");
    EXPECT_EQ(call.places[0].item, 1);
    EXPECT_TRUE(call.places[0].text.starts_with(R"({"type":"identify")"));
    EXPECT_TRUE(call.places[0].text.ends_with("}"));
  }
}

// Everything that a call's body says, for a comparison.
std::string Told(const std::string& body) {
  Call call;
  call.path = "/v1/batch";
  call.received_at = *kUtc.ParseFrom("2026-03-01T00:00:00Z");
  call.body = body;
  call.body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  if (CallReader().Read(kUtc, &call)) return "a problem";
  std::string text = "key " + call.write_key + ", sent " + call.sent_at +
                     ", clocks " + std::to_string(call.clocks_off);
  for (size_t i = 0; i < call.messages.size(); ++i) {
    const MessageView& m = call.messages[i];
    text += "\n" + kUtc.Format(m.when.at) + (m.when.by_day ? " by day" : "") +
            " " + std::to_string(call.places[i].item);
    const std::string id = std::to_string(m.id[0]);
    for (std::string_view part :
         {m.user_id, m.anonymous_id, m.event, std::string_view(id),
          m.properties, call.places[i].text}) {
      text += "|" + std::string(part);
    }
  }
  return text;
}

// A call of usual messages is read in one pass; a context beside them, though
// it says nothing, has it read in several. Both mean the same.
TEST(Call, UsualMessagesMeanTheSameInOnePass) {
  const std::string fields[] = {
      R"("event":"e")",
      R"("event":"e","messageId":"m","properties":{"a":[1, {"b":"\u4e0a"}]} )",
      R"("event":"e","timestamp":"2026-02-28T00:00:10Z")",
      R"("event":"e","timestamp":"2026-02-28T00:00:10.5Z","sentAt":)"
      R"("2026-03-01T00:05:00Z")",
      R"("event":"e","timestamp":"2026-02-28T00:00:10Z","sentAt":"")",
      R"("event":"e","timestamp":"2026-02-28","anonymousId":"a")",
      R"("event":"e","timestamp":"2026-02-28T00:00:10","big":1e3)",
      R"("event":"e","originalTimestamp":"2026-02-28T00:00:10Z")",
      R"("event":"e","originalTimestamp":"2026-02-28T00:00:10Z",)"
      R"("timestamp":"2026-02-27T00:00:10Z")",
      R"("event":"e","receivedAt":"2026-02-01T00:00:00Z","timestamp":)"
      R"("2026-02-01T00:00:00Z","sentAt":"2026-02-01T00:00:09Z")",
      R"("event":"e","context":{"ip":"1.2.3.4","n":[true,null,-1.5]})",
  };
  const std::string beside[] = {
      "",
      R"(,"writeKey":"K","integrations":{"All":true})",
      R"(,"sentAt":"2026-03-01T00:00:10Z")",
      R"(,"sentAt":"2026-04-01T00:00:10Z")",
  };
  for (const std::string& after : beside) {
    std::string batch = "\"batch\": [ ";
    for (const std::string& one : fields) {
      batch += (batch.ends_with("[ ") ? "" : " ,\n") + Track(one);
    }
    batch += " ]" + after;
    const std::string usual = Told("{" + batch + "}");
    EXPECT_NE(usual, "a problem") << batch;
    EXPECT_EQ(usual, Told("{" + batch + R"(,"context":{}})")) << batch;
  }
}

}  // namespace
}  // namespace rekindle
