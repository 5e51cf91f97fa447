#include "config/base/csv.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "engine/import/csv_users.h"

namespace rekindle {
namespace {

const Calendar& Shanghai() {
  static const Calendar calendar = *Calendar::Load("Asia/Shanghai");
  return calendar;
}

// The first record below the header, or why it or the header is refused. Lives
// as long as `arena`.
Result<InputRow> ReadRow(ImportWhat what, std::string_view text,
                         TextArena& arena) {
  const size_t header_end = text.find('\n');
  std::istringstream in(std::string(text.substr(0, header_end)));
  std::vector<std::string> names;
  CsvReader(in).Next(&names);
  Result<std::unique_ptr<CsvRowReader>> reader =
      MakeCsvRowReader(what, names, Shanghai());
  if (!reader) return tl::make_unexpected(reader.error());
  CsvTextReader csv(arena.Keep(text.substr(header_end + 1)), 2, arena);
  CsvCells cells;
  csv.Next(&cells);
  return (*reader)->Read(cells, arena);
}

// The same of rows that hold their own texts.
Result<InputRow> ReadRow(ImportWhat what, std::string_view text) {
  TextArena arena;
  return ReadRow(what, text, arena);
}

std::string Reason(const Result<InputRow>& row) {
  return row ? "accepted" : row.error().message;
}

TEST(IntakeCsv, EventsInAnyColumnOrder) {
  TextArena arena;
  Result<InputRow> row =
      ReadRow(ImportWhat::kEvents,
              "amount,event, user_id ,note,timestamp,message_id,empty\n"
              "12.50,order_paid,007,\"say "
              "\"\"hi\"\"\n\\tab\",2026-02-14T09:30:00Z,m1,\n",
              arena);
  ASSERT_TRUE(row) << Reason(row);
  const auto& message = std::get<MessageView>(*row);
  EXPECT_EQ(message.kind, MessageKind::kEvent);
  EXPECT_EQ(message.user_id, "007");
  EXPECT_EQ(message.event, "order_paid");
  EXPECT_EQ(message.id, HashOfId("m1"));
  EXPECT_EQ(Shanghai().Format(message.when.at), "2026-02-14T17:30:00+08:00");
  EXPECT_FALSE(message.when.by_day);
  EXPECT_EQ(message.properties,
            R"({"amount":"12.50","note":"say \"hi\"\u000a\\tab"})");
}

TEST(IntakeCsv, EventsWithoutPropertiesHaveNone) {
  TextArena arena;
  Result<InputRow> row =
      ReadRow(ImportWhat::kEvents,
              "user_id,timestamp,event,item\nu1,2026-02-14,app_open,\n", arena);
  ASSERT_TRUE(row) << Reason(row);
  const auto& message = std::get<MessageView>(*row);
  EXPECT_EQ(message.properties, "");
  EXPECT_EQ(message.id, HashOfId(""));
  EXPECT_TRUE(message.when.by_day);
  EXPECT_EQ(FormatDay(message.when.day), "2026-02-14");
}

struct RefusedCase {
  ImportWhat what;
  const char* text;
  const char* reason;
};

TEST(IntakeCsv, HeadersThatWillNotDo) {
  const RefusedCase cases[] = {
      {ImportWhat::kEvents, "userid,timestamp,event\n",
       "the header lacks the column \"user_id\"; is it the one called "
       "\"userid\"?"},
      {ImportWhat::kEvents, "user_id,Time Stamp,event\n",
       "the header lacks the column \"timestamp\"; is it the one called "
       "\"Time Stamp\"?"},
      {ImportWhat::kEvents, "user_id,date,event\n",
       "the header lacks the column \"timestamp\""},
      {ImportWhat::kEvents, "user_id;timestamp;event\n",
       "the header lacks the column \"user_id\": it is only "
       "\"user_id;timestamp;event\" (columns are parted by commas)"},
      {ImportWhat::kEvents, "user_id,timestamp,event,messageId\n",
       "the column \"messageId\" must be called \"message_id\""},
      {ImportWhat::kEvents, "user_id,timestamp,event,item,item\n",
       "the header has the column \"item\" twice"},
      {ImportWhat::kEvents, "user_id,timestamp,event,\n",
       "column 4 of the header has no name"},
      {ImportWhat::kEvents, "user_id,timestamp,event,\xff\n",
       "the header is not UTF-8 text"},
      {ImportWhat::kUsers, "name,city\n",
       "the header lacks the column \"user_id\""},
      {ImportWhat::kUsers, "user_id,E-Mail\n",
       "the column \"E-Mail\" must be called \"email\""},
      {ImportWhat::kUsers, "user_id,consent.\n",
       "the column \"consent.\" must name a topic, as in \"consent.offers\""},
      {ImportWhat::kTags, "user_id,tags\n",
       "the header lacks the column \"tag\"; is it the one called \"tags\"?"},
      {ImportWhat::kTags, "user_id,tag,since\n",
       "unknown column \"since\"; expected user_id, tag or present"},
      {ImportWhat::kSuppressions, "chanel,address\n",
       "unknown column \"chanel\"; did you mean \"channel\"?"},
      {ImportWhat::kSuppressions, "channel,reason\n",
       "the header lacks the column \"address\" or \"user_id\""},
      {ImportWhat::kTouches, "rule_id,user_id,timestamp\n",
       "the header lacks the column \"arm\""},
      {ImportWhat::kTouches, "rule_id,user_id,timestamp,arm,varient\n",
       "unknown column \"varient\"; did you mean \"variant\"?"},
  };
  for (const RefusedCase& c : cases) {
    Result<InputRow> row = ReadRow(c.what, c.text);
    EXPECT_EQ(Reason(row), c.reason) << c.text;
    if (!row) {
      EXPECT_EQ(row.error().kind, ErrorKind::kUsage) << c.text;
    }
  }
}

TEST(IntakeCsv, RowsThatWillNotDo) {
  const RefusedCase cases[] = {
      {ImportWhat::kEvents, "user_id,timestamp,event\n,2026-02-14,open\n",
       "user_id is empty"},
      {ImportWhat::kEvents, "user_id,timestamp,event\nu1,2026-02-14,\n",
       "event is empty"},
      {ImportWhat::kEvents, "user_id,timestamp,event\nu1,,open\n",
       "timestamp is empty"},
      {ImportWhat::kEvents, "user_id,timestamp,event\nu1,yesterday,open\n",
       "timestamp: \"yesterday\" is not a time: write 2026-02-14, "
       "2026-02-14T09:30:00+08:00, or unix seconds or milliseconds"},
      {ImportWhat::kEvents,
       "user_id,timestamp,event\nu1,2026-02-14T09:30:00,open\n",
       "timestamp: \"2026-02-14T09:30:00\" is not a time: it needs an offset, "
       "as Z or +08:00"},
      {ImportWhat::kEvents, "user_id,timestamp,event\nu1,2026-02-14\n",
       "2 cells, but the header has 3 columns"},
      {ImportWhat::kEvents, "user_id,timestamp,event\nu1,2026-02-14,open,x\n",
       "4 cells, but the header has 3 columns"},
      {ImportWhat::kUsers, "user_id,email\n,a@b\n", "user_id is empty"},
      {ImportWhat::kUsers, "user_id,consent.offers\nu1,yes\n",
       "consent.offers: \"yes\" is not true or false"},
      {ImportWhat::kTags, "user_id,tag\nu1,\n", "tag is empty"},
      {ImportWhat::kTags, "user_id,tag,present\nu1,vip,1\n",
       "present: \"1\" is not true or false"},
      {ImportWhat::kSuppressions, "channel,address,user_id\nsms,,\n",
       "neither address nor user_id is given"},
      {ImportWhat::kTouches,
       "rule_id,user_id,timestamp,arm\nr,u1,2026-02-14,control\n",
       "arm: \"control\" is not treated or held_out"},
      {ImportWhat::kTouches,
       "rule_id,user_id,timestamp,arm\n,u1,2026-02-14,treated\n",
       "rule_id is empty"},
      {ImportWhat::kTouches, "rule_id,user_id,timestamp,arm\nr,u1,,treated\n",
       "timestamp is empty"},
      {ImportWhat::kReceipts, "touch_id,state\n,opened\n", "touch_id is empty"},
      {ImportWhat::kReceipts, "touch_id,state\nt,open\n",
       "state: unknown state \"open\"; expected accepted, deferred, "
       "delivered, undelivered, bounced, opened, clicked, complained or "
       "unsubscribed"},
      {ImportWhat::kReceipts, "touch_id,state,timestamp\nt,opened,soon\n",
       "timestamp: \"soon\" is not a time: write 2026-02-14, "
       "2026-02-14T09:30:00+08:00, or unix seconds or milliseconds"},
  };
  for (const RefusedCase& c : cases) {
    EXPECT_EQ(Reason(ReadRow(c.what, c.text)), c.reason) << c.text;
  }
}

TEST(IntakeCsv, UsersBecomeProfilesAndConsents) {
  Result<InputRow> row =
      ReadRow(ImportWhat::kUsers,
              "phone,user_id,consent.offers,city,consent.sms,created_at,note\n"
              "+8613800000000,u1,false,上海,true,2025-12-20,\n");
  ASSERT_TRUE(row) << Reason(row);
  const auto& user = std::get<Engine::UserRow>(*row);
  EXPECT_EQ(user.user_id, "u1");
  EXPECT_EQ(
      user.json_object,
      R"({"phone":"+8613800000000","city":"上海","created_at":"2025-12-20"})");
  using Consent = std::pair<std::string, bool>;
  EXPECT_EQ(user.consents,
            (std::vector<Consent>{{"offers", false}, {"sms", true}}));
  EXPECT_TRUE(user.tags.empty());
}

TEST(IntakeCsv, SeveralAddressesStandInOneCell) {
  Result<InputRow> row = ReadRow(ImportWhat::kUsers,
                                 "user_id,push_token,email,city\n"
                                 "u1,a; b ;,a@b.example;c@d.example,x;y\n");
  ASSERT_TRUE(row) << Reason(row);
  EXPECT_EQ(std::get<Engine::UserRow>(*row).json_object,
            R"({"push_token":["a","b"],)"
            R"("email":["a@b.example","c@d.example"],"city":"x;y"})");
}

TEST(IntakeCsv, Receipts) {
  Result<InputRow> row =
      ReadRow(ImportWhat::kReceipts,
              "state,touch_id,timestamp,detail,channel\n"
              "delivered,t1,2026-03-01T10:00:00Z,picked up,calls\n");
  ASSERT_TRUE(row) << Reason(row);
  const auto& input = std::get<ReceiptInput>(*row);
  EXPECT_EQ(input.receipt.touch_id, "t1");
  EXPECT_EQ(input.receipt.state, ReceiptState::kDelivered);
  EXPECT_EQ(input.receipt.detail, "picked up");
  EXPECT_EQ(input.receipt.channel, "calls");
  EXPECT_TRUE(input.dated);
  EXPECT_EQ(ToMillis(input.receipt.at), 1772359200000);

  row = ReadRow(ImportWhat::kReceipts, "touch_id,state\nt1,sent\n");
  ASSERT_TRUE(row) << Reason(row);
  EXPECT_FALSE(std::get<ReceiptInput>(*row).dated);
}

TEST(IntakeCsv, AUserWithNothingToSayIsStillAUser) {
  Result<InputRow> row = ReadRow(ImportWhat::kUsers, "user_id,city\nu1,\n");
  ASSERT_TRUE(row) << Reason(row);
  EXPECT_EQ(std::get<Engine::UserRow>(*row).json_object, "{}");
}

TEST(IntakeCsv, Tags) {
  for (const auto& [text, present] :
       {std::pair{"user_id,tag\nu1,vip\n", true},
        {"user_id,tag,present\nu1,vip,\n", true},
        {"user_id,tag,present\nu1,vip,true\n", true},
        {"user_id,tag,present\nu1,vip,false\n", false}}) {
    Result<InputRow> row = ReadRow(ImportWhat::kTags, text);
    ASSERT_TRUE(row) << Reason(row);
    const auto& user = std::get<Engine::UserRow>(*row);
    EXPECT_EQ(user.user_id, "u1") << text;
    ASSERT_EQ(user.tags.size(), 1u) << text;
    EXPECT_EQ(user.tags[0], (std::pair<std::string, bool>{"vip", present}))
        << text;
  }
}

TEST(IntakeCsv, SuppressionsAndTouches) {
  Result<InputRow> row =
      ReadRow(ImportWhat::kSuppressions, "address,channel\na@b.example,mail\n");
  ASSERT_TRUE(row) << Reason(row);
  EXPECT_EQ(std::get<Suppression>(*row).channel, "mail");
  EXPECT_EQ(std::get<Suppression>(*row).address, "a@b.example");
  EXPECT_EQ(std::get<Suppression>(*row).reason, "imported");

  row = ReadRow(ImportWhat::kTouches,
                "arm,rule_id,user_id,timestamp,channel,variant\n"
                "held_out,spring,u1,2026-02-14T00:00:00+08:00,mail,b\n");
  ASSERT_TRUE(row) << Reason(row);
  const TouchInput& touch = std::get<TouchInput>(*row);
  EXPECT_EQ(touch.rule_id, "spring");
  EXPECT_EQ(touch.user_id, "u1");
  EXPECT_EQ(touch.arm, Arm::kHeldOut);
  EXPECT_EQ(touch.channel, "mail");
  EXPECT_EQ(touch.variant, "b");
  EXPECT_EQ(Shanghai().Format(touch.when.at), "2026-02-14T00:00:00+08:00");
}

}  // namespace
}  // namespace rekindle
