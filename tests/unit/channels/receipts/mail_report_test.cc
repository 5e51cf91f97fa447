#include "channels/receipts/mail_report.h"

#include <gtest/gtest.h>

#include "engine/links/link_token.h"

namespace rekindle {
namespace {

const std::string kToken =
    MakeBounceToken("key", "0123456789abcdef0123456789abcdef");

std::string Dsn(const std::string& fields) {
  return "Return-Path: <>\r\n"
         "Delivered-To: bounce+" +
         kToken +
         "@app.example\r\n"
         "From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n"
         "To: bounce@app.example\r\n"
         "Content-Type: multipart/report; report-type=delivery-status;\r\n"
         "\tboundary=\"AB/cd.1\"\r\n"
         "\r\n"
         "This is a MIME-encapsulated message.\r\n"
         "\r\n"
         "--AB/cd.1\r\n"
         "Content-Description: Notification\r\n"
         "Content-Type: text/plain\r\n"
         "\r\n"
         "I'm sorry.\r\n"
         "Action: failed is only a text here\r\n"
         "\r\n"
         "--AB/cd.1\r\n"
         "Content-Type: message/delivery-status\r\n"
         "\r\n"
         "Reporting-MTA: dns; mx.example\r\n"
         "Original-Envelope-Id: env-1\r\n"
         "\r\n" +
         fields +
         "\r\n"
         "--AB/cd.1\r\n"
         "Content-Type: text/rfc822-headers\r\n"
         "\r\n"
         "From: The App <hello@app.example>\r\n"
         "Message-ID: <t-1@app.example>\r\n"
         "\r\n"
         "--AB/cd.1--\r\n";
}

// The states of the receipts, with codes: "bounced 5.1.1, delivered 2.0.0".
std::string States(const std::string& mail) {
  const auto report = ReadMailReport(mail);
  if (!report) return "none";
  std::string states;
  for (const Receipt& receipt : ReceiptsOf(*report, "mail", FromMillis(7))) {
    if (!states.empty()) states += ", ";
    states += ReceiptStateName(receipt.state);
    if (!receipt.code.empty()) states += ' ' + receipt.code;
  }
  return states;
}

TEST(MailReport, SaysWhatBecameOfEachRecipient) {
  struct Row {
    std::string fields, states;
  };
  const Row rows[] = {
      {"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n"
       "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <a@b.example>: "
       "no\r\n",
       "bounced 5.1.1"},
      {"Action: failed\r\nStatus: 5.7.1\r\n", "undelivered 5.7.1"},
      {"Action: failed\r\nStatus: 5.2.2\r\n", "undelivered 5.2.2"},
      {"Action: failed\r\nStatus: 4.4.7\r\n"
       "Diagnostic-Code: smtp; 451 try later\r\n",
       "undelivered 4.4.7"},
      {"Action: failed\r\nDiagnostic-Code: smtp; 550 no such user\r\n",
       "bounced"},
      {"Action: failed\r\nDiagnostic-Code: X-Unix; 67\r\n", "undelivered"},
      {"Action: failed (not to be had)\r\nStatus: 5.1.10 (null MX)\r\n",
       "bounced 5.1.10"},
      {"Action: delayed\r\nStatus: 4.4.1\r\n", "deferred 4.4.1"},
      {"Action: Delivered\r\nStatus: 2.0.0\r\n", "delivered 2.0.0"},
      {"Action: relayed\r\nStatus: 2.0.0\r\n", "accepted 2.0.0"},
      {"Action: failed\r\nStatus: 5.1.1\r\n\r\nAction: delivered\r\n"
       "Status: 2.0.0\r\n",
       "bounced 5.1.1, delivered 2.0.0"},
      {"Final-Recipient: rfc822; a@b.example\r\n", ""},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(States(Dsn(row.fields)), row.states);
}

TEST(MailReport, TellsWhichMailItIsAbout) {
  const auto report =
      ReadMailReport(Dsn("Original-Recipient: rfc822;a@b.example\r\n"
                         "Final-Recipient: rfc822;c@d.example\r\n"
                         "Action: failed\r\nStatus: 5.1.1\r\n"));
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->complaint);
  EXPECT_EQ(report->message_id, "t-1@app.example");
  ASSERT_EQ(report->recipients.size(), 1u);
  EXPECT_EQ(report->recipients[0].address, "a@b.example");
  std::vector<std::string> tokens;
  for (const std::string& path : report->return_paths) {
    for (std::string& token : BounceTokensIn(path)) {
      tokens.push_back(std::move(token));
    }
  }
  EXPECT_EQ(tokens, std::vector<std::string>{kToken});
}

TEST(MailReport, ReadsLinesThatEndInLf) {
  std::string mail = Dsn("Action: failed\r\nStatus: 5.1.1\r\n");
  std::erase(mail, '\r');
  EXPECT_EQ(States(mail), "bounced 5.1.1");
}

TEST(MailReport, ReadsWhatWasCutOff) {
  const std::string mail = Dsn("Action: failed\r\nStatus: 5.1.1\r\n");
  EXPECT_EQ(States(mail.substr(0, mail.find("--AB/cd.1--"))), "bounced 5.1.1");
}

TEST(MailReport, IsAComplaintToo) {
  const std::string head =
      "To: fbl@app.example\nContent-Type: multipart/report;\n"
      " report-type=feedback-report; boundary=x\n\n--x\n"
      "Content-Type: message/feedback-report\n\nFeedback-Type: ";
  const std::string tail =
      "\nVersion: 1\nOriginal-Mail-From: <bounce+" + kToken +
      "@app.example>\nOriginal-Rcpt-To: <a@b.example>\n\n--x\n"
      "Content-Type: message/rfc822\n\nMessage-ID: <t-1@app.example>\n\nHi\n"
      "--x--\n";
  const auto report = ReadMailReport(head + "abuse" + tail);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->complaint);
  EXPECT_EQ(report->recipients.at(0).address, "a@b.example");
  EXPECT_EQ(report->message_id, "t-1@app.example");
  EXPECT_EQ(States(head + "abuse" + tail), "complained");
  EXPECT_EQ(States(head + "not-spam" + tail), "deferred");
}

TEST(MailReport, IsNoAutomaticReply) {
  for (const char* mail :
       {"", "\n", "From: a@b.example\n\nI am away.\n", "no header at all",
        "Content-Type: multipart/mixed\n\n--\nx\n",
        "Content-Type: multipart/mixed; boundary=\"\n\n--\nx\n"}) {
    EXPECT_FALSE(ReadMailReport(mail)) << mail;
  }
}

TEST(MailReport, DoesNotFollowPartsForEver) {
  std::string mail;
  for (int i = 0; i < 5000; ++i) {
    mail += "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
  }
  EXPECT_FALSE(ReadMailReport(mail));
}

TEST(BounceTokens, AreFoundWhereTheyStand) {
  EXPECT_EQ(BounceTokensIn("bounce+" + kToken + "@app.example"),
            std::vector<std::string>{kToken});
  EXPECT_EQ(BounceTokensIn("<" + kToken + ">, " + kToken).size(), 2u);
  EXPECT_TRUE(BounceTokensIn("a.b.c@d.example").empty());
  EXPECT_TRUE(BounceTokensIn(kToken.substr(1)).empty());
}

}  // namespace
}  // namespace rekindle
