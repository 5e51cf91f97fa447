#include "channels/smtp/mime_message.h"

#include <gtest/gtest.h>

#include "config/base/words.h"
#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;

MimeMessage Plain() {
  MimeMessage message;
  message.from = {"The App", "hello@app.example"};
  message.to = "kim@example.org";
  message.subject = "We miss you";
  message.text = "Hello Kim,\ncome back.\n";
  message.message_id = "0a1b@app.example";
  message.rule_id = "wake";
  message.date = kSlot;
  return message;
}

TEST(MimeMessageTest, TextAlone) {
  MimeMessage message = Plain();
  message.reply_to = "care@app.example";
  EXPECT_EQ(RenderMime(message),
            "Date: Sun, 01 Feb 2026 02:00:00 +0000\r\n"
            "From: \"The App\" <hello@app.example>\r\n"
            "Reply-To: care@app.example\r\n"
            "To: kim@example.org\r\n"
            "Subject: We miss you\r\n"
            "Message-ID: <0a1b@app.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Rekindle-Rule: wake\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "Hello Kim,\r\n"
            "come back.\r\n"
            "\r\n");
}

TEST(MimeMessageTest, TextAndHtml) {
  MimeMessage message = Plain();
  message.text = "您好";
  message.html = "<p class=\"x\">您好</p>";
  const std::string mail = RenderMime(message);
  const size_t at = mail.find("boundary=\"");
  ASSERT_NE(at, mail.npos);
  const std::string boundary = mail.substr(at + 10, 34);
  EXPECT_EQ(mail.substr(mail.find("MIME-Version")),
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative;\r\n"
            " boundary=\"" +
                boundary +
                "\"\r\n"
                "\r\n"
                "--" +
                boundary +
                "\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: base64\r\n"
                "\r\n"
                "5oKo5aW9\r\n"
                "--" +
                boundary +
                "\r\n"
                "Content-Type: text/html; charset=utf-8\r\n"
                "Content-Transfer-Encoding: base64\r\n"
                "\r\n"
                "PHAgY2xhc3M9IngiPuaCqOWlvTwvcD4=\r\n"
                "--" +
                boundary + "--\r\n");
  EXPECT_EQ(RenderMime(message), mail) << "the same bytes every time";
}

// Whatever a profile holds, the headers are these and no others.
TEST(MimeMessageTest, NoValueStartsAnotherHeader) {
  MimeMessage message = Plain();
  const std::string evil = "x\r\nBcc: evil@example.org\r\n\r\nbody";
  message.subject = message.rule_id = message.from.name = evil;
  const std::string mail = RenderMime(message);
  const std::string headers = mail.substr(0, mail.find("\r\n\r\n"));
  std::vector<std::string> names;
  for (const std::string& line : Split(headers, '\n')) {
    EXPECT_EQ(line.find('\r') == line.npos ? line.size() - 1 : line.find('\r'),
              line.size() - 1);
    if (!line.starts_with(' ')) names.push_back(line.substr(0, line.find(':')));
  }
  EXPECT_EQ(names, (std::vector<std::string>{
                       "Date", "From", "To", "Subject", "Message-ID",
                       "Auto-Submitted", "X-Rekindle-Rule", "MIME-Version",
                       "Content-Type", "Content-Transfer-Encoding"}));
}

TEST(MimeMessageTest, LinesAreShort) {
  MimeMessage message = Plain();
  message.subject = std::string(3000, 'x');
  message.rule_id = std::string(3000, '-');
  message.from.name = std::string(3000, 'y');
  message.text = std::string(3000, 'z');
  message.html = "<p>" + std::string(3000, 'w');
  for (const std::string& line : Split(RenderMime(message), '\n')) {
    EXPECT_LE(line.size(), 78 + 1) << line;
  }
}

TEST(MimeMessageTest, Dates) {
  EXPECT_EQ(MailDate(FromMillis(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(MailDate(FromMillis(1709251199999)),
            "Thu, 29 Feb 2024 23:59:59 +0000");
}

TEST(MimeMessageTest, ImagesStandWithTheHtml) {
  MimeMessage message = Plain();
  message.html = "<img src=\"cid:a.png@app.example\">";
  message.images = {{"a.png", "image/png", "\x89PNG"}};
  const std::string mail = RenderMime(message);
  const size_t alternative = mail.find("multipart/alternative");
  const size_t text = mail.find("text/plain");
  const size_t related = mail.find("multipart/related");
  const size_t html = mail.find("text/html");
  const size_t image = mail.find(
      "Content-Type: image/png\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "Content-ID: <a.png@app.example>\r\n"
      "Content-Disposition: inline;\r\n filename=\"a.png\"\r\n\r\n"
      "iVBORw==\r\n--");
  ASSERT_NE(image, mail.npos) << mail;
  EXPECT_LT(alternative, text);
  EXPECT_LT(text, related);
  EXPECT_LT(related, html);
  EXPECT_LT(html, image);
}

TEST(MimeMessageTest, TheMailProgramsOwnButton) {
  MimeMessage message = Plain();
  message.unsubscribe_url = "https://go.app.example/" + std::string(100, 'u');
  EXPECT_NE(RenderMime(message).find(
                "List-Unsubscribe: <" + message.unsubscribe_url +
                ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace rekindle
