#include "channels/smtp/mail_address.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

using namespace std::string_literals;

TEST(MailAddressTest, Good) {
  for (const std::string text : {"kim@app.example", "kim+tag@app.example",
                                 "k.i'm@a-b.example", "a@localhost"}) {
    EXPECT_TRUE(IsMailAddress(text)) << text;
  }
}

TEST(MailAddressTest, Bad) {
  for (const std::string& text :
       {""s, "kim"s, "@app.example"s, "kim@"s, "a@b@c"s, "kim @app.example"s,
        "kim@app.example\r\nRCPT TO:<x@y>"s, "kim@app.example>"s,
        "kim@app\0.example"s, "kim@app..example"s, "kim@.example"s,
        "kim@app.example."s, "李雷@app.example"s, "\"a b\"@app.example"s,
        std::string(65, 'a') + "@app.example"}) {
    EXPECT_FALSE(IsMailAddress(text)) << text;
  }
}

TEST(MailAddressTest, Mailboxes) {
  const struct {
    std::string text, name, address;
  } kRows[] = {
      {"a@b.example", "", "a@b.example"},
      {" The App <a@b.example> ", "The App", "a@b.example"},
      {"\"App, The\" <a@b.example>", "App, The", "a@b.example"},
      {"车友会 <a@b.example>", "车友会", "a@b.example"},
      {"<a@b.example>", "", "a@b.example"},
  };
  for (const auto& row : kRows) {
    const auto mailbox = ParseMailbox(row.text);
    ASSERT_TRUE(mailbox.has_value()) << row.text;
    EXPECT_EQ(mailbox->name, row.name) << row.text;
    EXPECT_EQ(mailbox->address, row.address) << row.text;
  }
  for (const char* text : {"", "The App", "The App <a@b.example", "<>",
                           "<a@b.example> x", "a <b"}) {
    EXPECT_FALSE(ParseMailbox(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace rekindle
