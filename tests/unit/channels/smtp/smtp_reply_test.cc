#include "channels/smtp/smtp_reply.h"

#include <gtest/gtest.h>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

TEST(SmtpReplyTest, Parsing) {
  const struct {
    std::string lines;
    int code;
    std::string enhanced, text;
  } kRows[] = {
      {"", 0, "", ""},
      {"250 OK\r\n", 250, "", "OK"},
      {"250\r\n", 250, "", ""},
      {"550 5.1.1 No such user\r\n", 550, "5.1.1", "No such user"},
      {"550-5.1.1 The mailbox\r\n550 5.1.1 does not exist\r\n", 550, "5.1.1",
       "The mailbox does not exist"},
      {"550-5.1.1 unfinished\r\n", 0, "", ""},
      {"550 4.1.1 classes differ\r\n", 550, "", "4.1.1 classes differ"},
      {"421 4.7.0.1 x\r\n", 421, "", "4.7.0.1 x"},
      {"550 5.7.26 SPF\r\n", 550, "5.7.26", "SPF"},
      {"354 go\r\n451 4.3.0 later\r\n", 451, "4.3.0", "later"},
      {"not a reply\r\n", 0, "", ""},
  };
  for (const auto& row : kRows) {
    const SmtpReply reply = ParseSmtpReply(row.lines);
    EXPECT_EQ(reply.code, row.code) << row.lines;
    EXPECT_EQ(reply.enhanced, row.enhanced) << row.lines;
    EXPECT_EQ(reply.text, row.text) << row.lines;
  }
}

TEST(SmtpReplyTest, Classification) {
  using enum SmtpStage;
  const struct {
    SmtpStage stage;
    std::string line, what;
  } kRows[] = {
      {kRecipient, "550 5.1.1 no such user", "dead_recipient"},
      {kRecipient, "550 5.1.2 bad domain", "dead_recipient"},
      {kRecipient, "553 5.1.3 bad syntax", "dead_recipient"},
      {kRecipient, "550 5.1.6 moved", "dead_recipient"},
      {kRecipient, "556 5.1.10 null MX", "dead_recipient"},
      {kRecipient, "550 5.2.1 disabled", "dead_recipient"},
      {kMessage, "550 5.1.1 no such user", "dead_recipient"},
      {kRecipient, "550 User unknown in virtual table", "dead_recipient"},
      {kRecipient, "550 Requested action not taken: mailbox unavailable",
       "dead_recipient"},
      {kRecipient, "551 user not found", "dead_recipient"},

      {kRecipient, "552 5.2.2 mailbox full", "temporary"},
      {kRecipient, "452 4.2.2 mailbox full", "temporary"},
      {kRecipient, "552 quota exceeded", "temporary"},
      {kRecipient, "450 4.7.1 greylisted", "temporary"},
      {kRecipient, "451 try later", "temporary"},
      {kSession, "421 4.7.0 too many connections", "temporary"},
      {kSession, "454 4.7.0 temporary authentication failure", "temporary"},
      {kMessage, "451 4.3.0 queue error", "temporary"},

      {kRecipient, "550 5.7.1 blocked", "account"},
      {kRecipient, "550 5.7.26 DMARC", "account"},
      {kMessage, "554 5.7.1 spam", "account"},
      {kMessage, "554 rejected as spam", "account"},
      {kRecipient, "550 relaying denied", "account"},
      {kRecipient, "530 5.7.0 authentication required", "account"},
      {kRecipient, "530 authentication required", "account"},
      {kSession, "535 5.7.8 bad credentials", "account"},
      {kSession, "554 no service for you", "account"},
      {kSession, "550 5.1.1 not about a recipient", "account"},
      {kSender, "550 5.1.1 sender unknown", "account"},
      {kSender, "553 5.1.8 bad sender domain", "account"},
      {kRecipient, "550 5.1.8 bad sender domain", "account"},

      {kSender, "552 5.3.4 message too big", "bad_message"},
      {kSender, "552 message size exceeds limit", "bad_message"},
      {kMessage, "552 message too large", "bad_message"},
      {kRecipient, "552 5.2.3 too big", "bad_message"},
      {kMessage, "554 5.6.0 bad content", "bad_message"},
      {kMessage, "554 transaction failed", "bad_message"},
      {kRecipient, "501 5.5.4 bad parameter", "bad_message"},
      {kRecipient, "550 no", "bad_message"},
      {kRecipient, "550 5.1.0 other address status", "bad_message"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(OutcomeClassName(
                  ClassifySmtp(row.stage, ParseSmtpReply(row.line + "\r\n"))),
              row.what)
        << row.line;
  }
}

TEST(SmtpReplyTest, Pauses) {
  using namespace std::chrono_literals;
  const std::chrono::seconds kPauses[] = {5min, 5min, 15min, 1h, 4h, 4h};
  for (int attempt = 0; attempt < 6; ++attempt) {
    EXPECT_EQ(SmtpPause(attempt), kPauses[attempt]) << attempt;
  }
}

TEST(SmtpReplyTest, QueueIds) {
  EXPECT_EQ(QueueId(ParseSmtpReply("250 2.0.0 Ok: queued as 4F12\r\n")),
            "4F12");
  EXPECT_EQ(QueueId(ParseSmtpReply("250 OK (queued as 4F12)\r\n")), "4F12");
  EXPECT_EQ(QueueId(ParseSmtpReply("250 OK\r\n")), "");
}

}  // namespace
}  // namespace rekindle
