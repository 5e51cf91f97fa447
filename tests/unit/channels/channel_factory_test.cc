#include "channels/channel_factory.h"

#include <gtest/gtest.h>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;

class ChannelFactoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("HOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1);
    setenv("BAD_SECRET", "whsec_canary!canary", 1);
    setenv("MAIL_PASSWORD", "canary-password", 1);
  }
};

TEST_F(ChannelFactoryTest, ReadsTheChannelsInFileOrder) {
  const auto channels = Channels(R"(
push: {type: webhook, url: "https://push.example/send", secret: {env: HOOK_SECRET}}
mail: {type: smtp, host: 127.0.0.1, port: 25, from: "hello@app.example"}
call_list: {type: file, dir: handoff, needs: [phone]}
)");
  ASSERT_EQ(channels.size(), 3);
  EXPECT_EQ(channels[0].id, "push");
  EXPECT_EQ(channels[0].type, "webhook");
  EXPECT_TRUE(channels[0].adapter->traits().any_parts);
  EXPECT_TRUE(channels[0].claim().deduplicates);
  EXPECT_EQ(channels[0].claim().address_field, "");

  EXPECT_EQ(channels[1].claim().id, "mail");
  EXPECT_EQ(channels[1].claim().address_field, "email");
  EXPECT_FALSE(channels[1].claim().deduplicates);
  const AdapterTraits& mail = channels[1].adapter->traits();
  EXPECT_EQ(mail.required_parts, (std::vector<std::string>{"subject", "text"}));
  EXPECT_EQ(mail.optional_parts, std::vector<std::string>{"html"});
  EXPECT_FALSE(mail.any_parts);

  const AdapterTraits& file = channels[2].adapter->traits();
  EXPECT_EQ(file.needed_fields, std::vector<std::string>{"phone"});
  EXPECT_TRUE(file.any_parts);
  EXPECT_TRUE(file.deduplicates);
  EXPECT_EQ(file.address_field, "");
}

TEST_F(ChannelFactoryTest, NoChannels) {
  yaml::Diagnostics d;
  EXPECT_TRUE(ParseChannels(yaml::Node(), d).empty());
  EXPECT_TRUE(d.ok());
}

TEST_F(ChannelFactoryTest, TouchesNothing) {
  testing::TempDir dir;
  Channels("list: {type: file, dir: handoff}", dir.path() / "rekindle.yaml");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST_F(ChannelFactoryTest, ADeafReceiver) {
  const auto channels = Channels(
      "push: {type: webhook, url: 'http://h/', secret: {env: HOOK_SECRET}, "
      "deduplicates: false, address_field: push_token, concurrency: 8}");
  ASSERT_EQ(channels.size(), 1);
  EXPECT_FALSE(channels[0].claim().deduplicates);
  EXPECT_EQ(channels[0].claim().address_field, "push_token");
  EXPECT_EQ(channels[0].adapter->traits().concurrency, 8);
}

// The first line of every diagnostic, without the place.
std::vector<std::string> Messages(const std::string& settings) {
  yaml::Diagnostics d;
  const auto node = yaml::Parse("rekindle.yaml", settings, d);
  if (node) ParseChannels(*node, d);
  std::vector<std::string> messages;
  for (const auto& diagnostic : d.all()) {
    messages.push_back(diagnostic.message);
  }
  return messages;
}

TEST_F(ChannelFactoryTest, Errors) {
  const std::string hook = "type: webhook, url: 'https://h.example/'";
  const std::string signed_hook = hook + ", secret: {env: HOOK_SECRET}";
  const std::string mail = "type: smtp, host: relay.example, from: a@b.example";
  const struct {
    std::string settings;
    std::vector<std::string> messages;
  } kRows[] = {
      {"[a]", {"channels must be a map of channels, not a list"}},
      {"c: webhook", {R"(channel "c" must be a map, not a text)"}},
      {"c: {dir: x}", {R"(channel "c" needs "type")"}},
      {"c: {type: webhok}",
       {R"(unknown channel type "webhok"; did you mean "webhook"?)"}},
      {"a b: {type: file, dir: x}",
       {"the name of a channel is made of letters, digits, _ and -, not "
        "\"a b\""}},

      {"c: {type: file}", {R"(channel "c" needs "dir")"}},
      {"c: {type: file, dir: ''}", {"dir must not be empty"}},
      {"c: {type: file, dir: [x]}", {"dir must be a text, not a list"}},
      {"c: {type: file, dir: x, need: [phone]}",
       {R"(unknown key "need" in channel "c"; did you mean "needs"?)"}},

      {"c: {" + hook + "}", {R"(channel "c" needs "secret")"}},
      {"c: {type: webhook, secret: {env: HOOK_SECRET}}",
       {R"(channel "c" needs "url")"}},
      {"c: {type: webhook, url: 'ftp://h/', secret: {env: HOOK_SECRET}}",
       {"url must begin with https:// or http://"}},
      {"c: {type: webhook, url: 'http://h:x/', secret: {env: HOOK_SECRET}}",
       {"url is not a valid URL"}},
      {"c: {type: webhook, url: 'http://u:p@h/', secret: {env: HOOK_SECRET}}",
       {"url must not hold a user or a password"}},
      {"c: {" + hook + ", secret: {env: BAD_SECRET}}",
       {"secret must be base64 after \"whsec_\""}},
      {"c: {" + signed_hook + ", secrets: [{env: HOOK_SECRET}]}",
       {"give either secret or secrets, not both"}},
      {"c: {" + hook + ", secrets: []}", {"secrets must be a list of secrets"}},
      {"c: {" + signed_hook + ", timeout: 3 minutes}",
       {R"(unknown key "timeout" in channel "c"; did you mean )"
        R"("timeout_seconds"?)"}},
      {"c: {" + signed_hook + ", timeout_seconds: 0}",
       {"timeout_seconds must be between 1 and 300, not 0"}},
      {"c: {" + signed_hook + ", concurrency: many}",
       {"concurrency must be a whole number, not \"many\""}},
      {"c: {" + signed_hook + ", private_addresses: refus}",
       {R"(unknown value of private_addresses "refus"; did you mean )"
        R"("refuse"?)"}},
      {"c: {" + signed_hook + ", deduplicates: no}",
       {"deduplicates must be true or false, not \"no\"; write false"}},
      {"c: {" + signed_hook + ", ca_file: /nowhere/ca.pem}",
       {"ca_file names no file: /nowhere/ca.pem"}},
      {"c: {" + signed_hook + ", address_field: ''}",
       {"address_field must name a profile field"}},

      {"c: {type: smtp}",
       {R"(channel "c" needs "host")", R"(channel "c" needs "from")"}},
      {"c: {type: smtp, host: 'a/b', from: a@b.example}",
       {"host must be a host name or an IP address"}},
      {"c: {type: smtp, host: h, from: hello}",
       {"from must be an address like hello@app.example or The App "
        "<hello@app.example>"}},
      {"c: {" + mail + ", port: 70000}",
       {"port must be between 1 and 65535, not 70000"}},
      {"c: {" + mail + ", tls: startls}",
       {R"(unknown value of tls "startls"; did you mean "starttls"?)"}},
      {"c: {" + mail + ", user: u}",
       {"user and password go together: give both or neither"}},
      {"c: {" + mail + ", password: {env: MAIL_PASSWORD}}",
       {"user and password go together: give both or neither"}},
      {"c: {" + mail + ", tls: none, user: u, password: {env: MAIL_PASSWORD}}",
       {"tls: none would send the password in the clear; use starttls or "
        "implicit"}},
      {"c: {" + mail + ", reply_to: 'x'}",
       {"reply_to must be an address like hello@app.example"}},
      {"c: {" + mail + ", bounce_address: \"a@b\\r\\nRCPT TO:<c@d>\"}",
       {"bounce_address must be like bounces@app.example or "
        "bounce+{token}@app.example, with at most 15 characters around "
        "{token}"}},
      {"c: {" + mail +
           ", bounce_address: 'bounces-of-the-app+{token}@app.example'}",
       {"bounce_address must be like bounces@app.example or "
        "bounce+{token}@app.example, with at most 15 characters around "
        "{token}"}},
      {"c: {" + mail + ", images: nowhere}",
       {"images names no folder: nowhere"}},
      {"c: {" + mail + ", ehlo: 'a b'}",
       {"ehlo must be a host name or an IP address"}},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Messages(row.settings), row.messages) << row.settings;
  }
}

TEST_F(ChannelFactoryTest, AnErrorPointsAtItsPlace) {
  EXPECT_EQ(ChannelErrors("mail:\n  type: smpt\n"),
            "rekindle.yaml:2:9: error: unknown channel type \"smpt\"; did you "
            "mean \"smtp\"?\n"
            "  type: smpt\n"
            "        ^\n");
}

TEST_F(ChannelFactoryTest, ASecretWrittenInPlaceIsNotRepeated) {
  for (const std::string settings :
       {"c: {type: webhook, url: 'https://h/', secret: canary-in-place}",
        "c: {type: webhook, url: 'https://h/', secrets: canary-in-place}",
        "c: {type: webhook, url: 'https://h/', secrets: [canary-in-place]}",
        "c: {type: webhook, url: 'https://h/', secret: {env: BAD_SECRET}}",
        "c: {type: smtp, host: h, from: a@b.example, user: u, password: "
        "canary-in-place}",
        "c: {type: smtp, host: h, from: a@b.example, password: {env: "
        "MAIL_PASSWORD}}"}) {
    const auto messages = Messages(settings);
    EXPECT_FALSE(messages.empty()) << settings;
    for (const std::string& message : messages) {
      EXPECT_EQ(message.find("canary"), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace rekindle
