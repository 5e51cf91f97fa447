#include "channels/smtp/mime_encoding.h"

#include <gtest/gtest.h>

#include "config/base/base64.h"
#include "config/base/utf8.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

TEST(MimeEncodingTest, HeaderLines) {
  const struct {
    std::string text, line;
  } kRows[] = {
      {"Hello, Kim!", "Subject: Hello, Kim!\r\n"},
      {"", "Subject: \r\n"},
      {"您的会员即将到期",
       "Subject: =?UTF-8?B?5oKo55qE5Lya5ZGY5Y2z5bCG5Yiw5pyf?=\r\n"},
      {"a\r\nBcc: x@y.example", "Subject: a  Bcc: x@y.example\r\n"},
      {"a\nb\rc\td", "Subject: a b c d\r\n"},
      // It would be decoded, and is not meant to be.
      {"=?UTF-8?B?YQ==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=\r\n"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(HeaderLine("Subject", row.text), row.line) << row.text;
  }
}

TEST(MimeEncodingTest, LongHeadersAreFolded) {
  std::string words;
  for (int i = 0; i < 40; ++i) words += "word" + std::to_string(i) + " ";
  const std::string header = HeaderLine("Subject", words);
  std::string unfolded;
  for (const std::string& line : Split(Trim(header), '\n')) {
    EXPECT_LE(line.size(), 79) << line;
    unfolded += Trim(line);
    unfolded += ' ';
  }
  EXPECT_EQ(Trim(unfolded), "Subject: " + std::string(Trim(words)));
}

TEST(MimeEncodingTest, EncodedWordsAreShortAndHoldWholeCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += i % 3 == 0 ? "车" : "é";
  std::string decoded;
  for (const std::string& raw : Split(EncodedWords(text, 30), '\n')) {
    const std::string_view word = Trim(raw);
    EXPECT_LE(word.size(), decoded.empty() ? 76 - 30 : 75);
    ASSERT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?="));
    const auto bytes = DecodeBase64(word.substr(10, word.size() - 12));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_FALSE(InvalidUtf8At(*bytes).has_value());
    decoded += *bytes;
  }
  EXPECT_EQ(decoded, text);
}

TEST(MimeEncodingTest, Mailboxes) {
  EXPECT_EQ(MailboxLine("To", "", "a@b.example"), "To: a@b.example\r\n");
  EXPECT_EQ(MailboxLine("From", "The \"App\" \\", "a@b.example"),
            "From: \"The \\\"App\\\" \\\\\" <a@b.example>\r\n");
  EXPECT_EQ(MailboxLine("From", "x\r\nBcc: c@d.example", "a@b.example"),
            "From: \"x  Bcc: c@d.example\" <a@b.example>\r\n");
  EXPECT_EQ(MailboxLine("From", "车友会", "a@b.example"),
            "From: =?UTF-8?B?6L2m5Y+L5Lya?= <a@b.example>\r\n");
}

TEST(MimeEncodingTest, LineEnds) {
  EXPECT_EQ(CrlfLines("a\nb\rc\r\nd\n\ne"), "a\r\nb\r\nc\r\nd\r\n\r\ne");
  EXPECT_EQ(CrlfLines(""), "");
}

TEST(MimeEncodingTest, QuotedPrintable) {
  const struct {
    std::string body, quoted;
  } kRows[] = {
      {"", ""},
      {"plain", "plain"},
      {"a=b", "a=3Db"},
      {"caf\xC3\xA9", "caf=C3=A9"},
      {"end \r\nnext\t", "end=20\r\nnext=09"},
      {std::string(80, 'x'), std::string(75, 'x') + "=\r\n" + "xxxxx"},
      {std::string(74, 'x') + "=", std::string(74, 'x') + "=\r\n=3D"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(QuotedPrintable(row.body), row.quoted) << row.body;
  }
}

TEST(MimeEncodingTest, Base64Lines) {
  EXPECT_EQ(Base64Lines("foobar"), "Zm9vYmFy");
  const std::string lines = Base64Lines(std::string(200, 'x'));
  for (const std::string& line : Split(lines, '\n')) {
    EXPECT_LE(Trim(line).size(), 76);
  }
  EXPECT_EQ(Split(lines, '\n').size(), 4);
  for (size_t size = 0; size < 300; ++size) {
    const std::string body(size, 'x');
    EXPECT_EQ(Base64Size(body), Base64Lines(body).size()) << size;
  }
}

}  // namespace
}  // namespace rekindle
