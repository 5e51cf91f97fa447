// Against a real mail server (aiosmtpd) and, for what no server would do, a
// raw socket.
#include "channels/smtp/smtp_adapter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "tests/unit/channels/channel_test.h"
#include "tests/unit/channels/raw_server.h"
#include "tests/unit/channels/smtp/smtp_server.h"

namespace rekindle {
namespace {

using namespace channel_testing;
using namespace std::chrono_literals;

SmtpSettings SettingsFor(int port) {
  SmtpSettings settings;
  settings.host = "127.0.0.1";
  settings.port = port;
  settings.from = {"The App", "hello@app.example"};
  settings.timeout = 2s;
  return settings;
}

std::unique_ptr<Adapter> Open(SmtpSettings settings) {
  return MakeSmtpAdapter(std::move(settings),
                         std::make_shared<FixedClock>(kSlot));
}

void LogIn(SmtpSettings* settings, const std::string& password) {
  settings->user = "kim";
  settings->password = Secret(password);
}

// Says yes to everything until a line that starts with `until` comes; false
// where the client is gone. Inside a message nothing is said.
bool TalkUntil(int fd, const std::string& until) {
  std::string line;
  bool message = false;
  char c;
  while (recv(fd, &c, 1, 0) == 1) {
    line += c;
    if (c != '\n') continue;
    if (line.starts_with(until)) return true;
    if (!message) {
      message = line.starts_with("DATA");
      RawServer::Write(fd, message ? "354 go\r\n" : "250 ok\r\n");
    }
    line.clear();
  }
  return false;
}

class SmtpAdapterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!SmtpServer::Available()) {
      GTEST_SKIP() << "needs aiosmtpd (Debian package python3-aiosmtpd)";
    }
  }
};

TEST_F(SmtpAdapterTest, AMailArrives) {
  SmtpServer server;
  SmtpSettings settings = SettingsFor(server.port());
  settings.ehlo = "rekindle.app.example";
  settings.bounce_address = "bounce@app.example";
  ClaimedTouch touch = MakeTouch("t1", "ok@example.org");
  touch.parts = {{"subject", "您的会员即将到期"},
                 {"text", ".\n..\nback?\n.\n"},
                 {"html", "<p>back?</p>"}};
  const auto outcomes = SendAll(*Open(settings), {touch});
  EXPECT_EQ(What(outcomes[0]), "accepted") << outcomes[0].detail;
  EXPECT_EQ(outcomes[0].provider_id, "Q1");
  EXPECT_EQ(outcomes[0].detail, "250 2.0.0 Ok: queued as Q1");

  const auto mail = server.NextMail();
  EXPECT_EQ(mail["ehlo"], "rekindle.app.example");
  EXPECT_EQ(mail["from"], "bounce@app.example");
  EXPECT_EQ(mail["to"], nlohmann::json::array({"ok@example.org"}));
  const std::string content = mail["content"];
  for (const std::string line :
       {"From: \"The App\" <hello@app.example>\r\n",
        "Subject: =?UTF-8?B?5oKo55qE5Lya5ZGY5Y2z5bCG5Yiw5pyf?=\r\n",
        "Message-ID: <t1@app.example>\r\n",
        "Date: Sun, 01 Feb 2026 02:00:00 +0000\r\n",
        "\r\n\r\n.\r\n..\r\nback?\r\n.\r\n"}) {
    EXPECT_NE(content.find(line), content.npos) << line << "\nin\n" << content;
  }
}

TEST_F(SmtpAdapterTest, EachMailComesFromAnAddressOfItsOwn) {
  SmtpServer server;
  SmtpSettings settings = SettingsFor(server.port());
  settings.concurrency = 1;
  settings.bounce_address = "bounce+{token}@app.example";
  std::vector<ClaimedTouch> touches = {MakeTouch("t1", "ok@a.example"),
                                       MakeTouch("t2", "ok@b.example")};
  touches[0].parts.emplace_back("bounce_token", "t1.0a");
  touches[0].parts.emplace_back("unsubscribe_url",
                                "https://go.app.example/u/x");
  touches[1].parts.emplace_back("bounce_token", "t2.0b");
  const auto adapter = Open(settings);
  EXPECT_EQ(adapter->traits().added_parts,
            (std::vector<std::string>{"unsubscribe_url", "bounce_token"}));
  SendAll(*adapter, touches);
  auto mail = server.NextMail();
  EXPECT_EQ(mail["from"], "bounce+t1.0a@app.example");
  EXPECT_NE(std::string(mail["content"])
                .find("List-Unsubscribe: <https://go.app.example/u/x>\r\n"
                      "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
            std::string::npos);
  mail = server.NextMail();
  EXPECT_EQ(mail["from"], "bounce+t2.0b@app.example");
  EXPECT_EQ(std::string(mail["content"]).find("List-Unsubscribe"),
            std::string::npos);
}

TEST_F(SmtpAdapterTest, AnImageThatIsNotThereStopsItsMailOnly) {
  testing::TempDir dir;
  WriteAll(dir / "logo.png", "\x89PNG");
  SmtpServer server;
  SmtpSettings settings = SettingsFor(server.port());
  settings.concurrency = 1;
  settings.images = dir.path();
  std::vector<ClaimedTouch> touches = {MakeTouch("t1", "ok@a.example"),
                                       MakeTouch("t2", "ok@b.example")};
  touches[0].parts.emplace_back("html", "<img src=\"cid:nologo.png\">");
  touches[1].parts.emplace_back("html", "<img src=\"cid:logo.png\">");
  const auto outcomes = SendAll(*Open(settings), touches);
  EXPECT_EQ(What(outcomes[0]), "bad_message");
  EXPECT_EQ(outcomes[0].detail,
            "image \"nologo.png\" is not in the channel's folder of images");
  EXPECT_EQ(What(outcomes[1]), "accepted");
  const std::string content = server.NextMail()["content"];
  EXPECT_NE(content.find("Content-ID: <logo.png@app.example>\r\n"),
            content.npos);
}

TEST_F(SmtpAdapterTest, OneConnectionTakesOneMailAfterAnother) {
  SmtpServer server;
  SmtpSettings settings = SettingsFor(server.port());
  settings.concurrency = 1;
  const auto adapter = Open(settings);
  const std::vector<ClaimedTouch> touches = {MakeTouch("t1", "ok@a.example"),
                                             MakeTouch("t2", "ok@b.example"),
                                             MakeTouch("t3", "ok@c.example")};
  for (int batch = 0; batch < 2; ++batch) {
    for (const Outcome& outcome : SendAll(*adapter, touches)) {
      EXPECT_EQ(What(outcome), "accepted") << outcome.detail;
    }
  }
  for (int i = 0; i < 6; ++i) EXPECT_EQ(server.NextMail()["session"], 0);
}

TEST_F(SmtpAdapterTest, NoMoreConnectionsThanAllowed) {
  SmtpServer server;
  SmtpSettings settings = SettingsFor(server.port());
  settings.concurrency = 3;
  std::vector<ClaimedTouch> touches;
  for (int i = 0; i < 30; ++i) {
    touches.push_back(MakeTouch("t" + std::to_string(i), "ok@a.example"));
  }
  for (const Outcome& outcome : SendAll(*Open(settings), touches)) {
    EXPECT_EQ(What(outcome), "accepted") << outcome.detail;
  }
  std::set<int> sessions;
  for (int i = 0; i < 30; ++i) {
    sessions.insert(server.NextMail()["session"].get<int>());
  }
  EXPECT_LE(sessions.size(), 3);
}

TEST_F(SmtpAdapterTest, Refusals) {
  SmtpServer server;
  const auto adapter = Open(SettingsFor(server.port()));
  const struct {
    std::string address, what, detail;
    std::optional<std::chrono::seconds> retry_after;
  } kRows[] = {
      {"nobody@a.example",
       "dead_recipient",
       "550 5.1.1 <***>: no such user here",
       {}},
      {"full@a.example", "temporary", "452 4.2.2 <***>: mailbox full", 5min},
      {"policy@a.example", "account", "550 5.7.1 <***>: blocked by policy", {}},
      {"spam@a.example", "account", "554 5.7.1 looks like spam", {}},
      {"ok@a.example", "accepted", "250 2.0.0 Ok: queued as Q1", {}},
      {"not an address", "dead_recipient", "not a mail address", {}},
      {"x@a.example\r\nRCPT TO:<ok@b.example>",
       "dead_recipient",
       "not a mail address",
       {}},
      {"李雷@a.example",
       "bad_message",
       "addresses outside ASCII are not supported",
       {}},
      {"dropdata@a.example", "temporary", "", {}},
  };
  std::vector<ClaimedTouch> touches;
  for (const auto& row : kRows) {
    touches.push_back(MakeTouch("t", row.address));
  }
  const auto outcomes = SendAll(*adapter, touches);
  for (size_t i = 0; i < std::size(kRows); ++i) {
    EXPECT_EQ(What(outcomes[i]), kRows[i].what) << kRows[i].address;
    if (!kRows[i].detail.empty()) {
      EXPECT_EQ(outcomes[i].detail, kRows[i].detail) << kRows[i].address;
    }
    EXPECT_EQ(outcomes[i].retry_after, kRows[i].retry_after)
        << kRows[i].address;
  }
}

TEST_F(SmtpAdapterTest, LaterAttemptsWaitLonger) {
  SmtpServer server;
  ClaimedTouch touch = MakeTouch("t1", "full@a.example");
  touch.attempt = 3;
  const auto outcomes = SendAll(*Open(SettingsFor(server.port())), {touch});
  EXPECT_EQ(outcomes[0].retry_after, 1h);
}

TEST_F(SmtpAdapterTest, ASenderThatIsRefusedKillsNoRecipient) {
  SmtpServer server;
  SmtpSettings settings = SettingsFor(server.port());
  settings.bounce_address = "badsender@app.example";
  const auto outcomes =
      SendAll(*Open(settings), {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "account");
  EXPECT_EQ(outcomes[0].detail, "550 5.1.1 sender unknown");
}

TEST_F(SmtpAdapterTest, AMessageWithoutItsParts) {
  SmtpServer server;
  const auto adapter = Open(SettingsFor(server.port()));
  ClaimedTouch touch = MakeTouch("t1", "ok@a.example");
  touch.parts = {{"subject", "Hello"}, {"html", "<p>"}};
  const auto outcomes = SendAll(*adapter, {touch});
  EXPECT_EQ(What(outcomes[0]), "bad_message");
  EXPECT_EQ(outcomes[0].detail, "the message has no text");
}

TEST_F(SmtpAdapterTest, NoReplyAfterTheFinalDotIsUnknown) {
  SmtpServer server;
  const auto adapter = Open(SettingsFor(server.port()));
  const auto outcomes = SendAll(*adapter, {MakeTouch("t1", "drop@a.example"),
                                           MakeTouch("t2", "hang@a.example"),
                                           MakeTouch("t3", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "unknown");
  EXPECT_TRUE(
      outcomes[0].detail.starts_with("no answer after the whole message: "))
      << outcomes[0].detail;
  EXPECT_EQ(What(outcomes[1]), "unknown");
  EXPECT_EQ(What(outcomes[2]), "accepted") << outcomes[2].detail;
}

TEST_F(SmtpAdapterTest, LoggingIn) {
  SmtpServer server({"--auth"});
  SmtpSettings settings = SettingsFor(server.port());
  LogIn(&settings, "canary-password");
  const auto outcomes =
      SendAll(*Open(settings), {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "accepted") << outcomes[0].detail;
  EXPECT_EQ(server.NextMail()["login"], true);
}

TEST_F(SmtpAdapterTest, AWrongPasswordStopsTheAccount) {
  SmtpServer server({"--auth"});
  SmtpSettings settings = SettingsFor(server.port());
  LogIn(&settings, "canary-wrong");
  const auto outcomes = SendAll(
      *Open(settings),
      {MakeTouch("t1", "ok@a.example"), MakeTouch("t2", "ok@b.example")});
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(What(outcome), "account");
    EXPECT_EQ(outcome.detail, "535 5.7.8 kim/*** refused");
  }
}

TEST_F(SmtpAdapterTest, ALogInThatIsAskedForAndNotGiven) {
  SmtpServer server({"--auth"});
  const auto outcomes = SendAll(*Open(SettingsFor(server.port())),
                                {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "account");
  EXPECT_EQ(outcomes[0].detail, "530 5.7.0 Authentication required");
}

TEST(SmtpDialogueTest, NoWayToLogInThatIsKnown) {
  RawServer server([](int fd, int) {
    RawServer::Write(fd, "220 hi\r\n");
    TalkUntil(fd, "EHLO");
    RawServer::Write(fd, "250-hi\r\n250 AUTH XOTHER\r\n");
    TalkUntil(fd, "QUIT");
  });
  SmtpSettings settings = SettingsFor(server.port());
  LogIn(&settings, "canary-password");
  const auto outcomes =
      SendAll(*Open(settings), {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "account");
  EXPECT_EQ(outcomes[0].detail,
            "not sent: the server offers no way to log in that is known here "
            "(PLAIN, LOGIN), only XOTHER");
}

// The reply to the first message comes while the second is under way.
TEST(SmtpDialogueTest, ALateReplyIsNotTakenForTheNextMessages) {
  RawServer server([](int fd, int connection) {
    RawServer::Write(fd, "220 hi\r\n");
    if (connection == 0) {
      TalkUntil(fd, ".\r\n");
      std::this_thread::sleep_for(1500ms);
      RawServer::Write(fd, "250 late\r\n");
    }
    TalkUntil(fd, ".\r\n");
    RawServer::Write(fd, "554 5.7.1 no\r\n");
  });
  SmtpSettings settings = SettingsFor(server.port());
  settings.timeout = 1s;
  const auto outcomes = SendAll(
      *Open(settings),
      {MakeTouch("t1", "ok@a.example"), MakeTouch("t2", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "unknown");
  EXPECT_EQ(What(outcomes[1]), "account");
  EXPECT_EQ(outcomes[1].detail, "554 5.7.1 no");
}

class SmtpTlsTest : public SmtpAdapterTest {
 protected:
  void SetUp() override {
    SmtpAdapterTest::SetUp();
    if (IsSkipped()) return;
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
        "-nodes -days 2 -subj /CN=127.0.0.1 -addext "
        "subjectAltName=IP:127.0.0.1 -keyout " +
        key() + " -out " + certificate() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) {
      GTEST_SKIP() << "needs the openssl command";
    }
  }
  std::string key() const { return dir_ / "key.pem"; }
  std::string certificate() const { return dir_ / "cert.pem"; }

  testing::TempDir dir_;
};

TEST_F(SmtpTlsTest, StartTls) {
  SmtpServer server({"--tls", certificate(), key()});
  SmtpSettings settings = SettingsFor(server.port());
  settings.tls = SmtpTls::kStartTls;
  settings.ca_file = certificate();
  // The handshake is begun at once, not when waiting for the server ends. Of
  // several tries one is not disturbed.
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 10 && shortest >= 900ms; ++i) {
    const auto began = std::chrono::steady_clock::now();
    const auto outcomes =
        SendAll(*Open(settings), {MakeTouch("t1", "ok@a.example")});
    shortest = std::min(shortest, std::chrono::steady_clock::now() - began);
    EXPECT_EQ(What(outcomes[0]), "accepted") << outcomes[0].detail;
    EXPECT_EQ(server.NextMail()["tls"], true);
  }
  EXPECT_LT(shortest, 900ms);
}

TEST_F(SmtpTlsTest, ImplicitTls) {
  SmtpServer server({"--smtps", "--tls", certificate(), key()});
  SmtpSettings settings = SettingsFor(server.port());
  settings.tls = SmtpTls::kImplicit;
  settings.ca_file = certificate();
  const auto outcomes =
      SendAll(*Open(settings), {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "accepted") << outcomes[0].detail;
  EXPECT_EQ(server.NextMail()["tls"], true);
}

TEST_F(SmtpTlsTest, ACertificateNobodyKnows) {
  SmtpServer server({"--tls", certificate(), key()});
  SmtpSettings settings = SettingsFor(server.port());
  settings.tls = SmtpTls::kStartTls;
  const auto outcomes =
      SendAll(*Open(settings), {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "account");
  EXPECT_EQ(outcomes[0].detail,
            "not sent: TLS failed: self-signed certificate");
}

TEST_F(SmtpTlsTest, AServerWithoutStartTls) {
  SmtpServer server;
  SmtpSettings settings = SettingsFor(server.port());
  settings.tls = SmtpTls::kStartTls;
  const auto outcomes =
      SendAll(*Open(settings), {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "account");
  EXPECT_EQ(outcomes[0].detail, "not sent: the server does not offer STARTTLS");
}

TEST(SmtpDialogueTest, NobodyListens) {
  int port = 0;
  {
    RawServer gone([](int, int) {});
    port = gone.port();
  }
  const auto outcomes = SendAll(
      *Open(SettingsFor(port)),
      {MakeTouch("t1", "ok@a.example"), MakeTouch("t2", "ok@a.example")});
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(What(outcome), "temporary");
    EXPECT_EQ(outcome.detail,
              "not sent: cannot connect to 127.0.0.1:" + std::to_string(port) +
                  ": Connection refused");
    EXPECT_EQ(outcome.retry_after, std::nullopt) << "the usual backoff";
  }
}

TEST(SmtpDialogueTest, AGreetingThatRefuses) {
  const struct {
    std::string greeting, what;
  } kRows[] = {{"421 4.3.2 too busy", "temporary"},
               {"554 5.7.1 not from your address", "account"},
               {"550 no such user", "account"}};
  for (const auto& row : kRows) {
    RawServer server(
        [&](int fd, int) { RawServer::Write(fd, row.greeting + "\r\n"); });
    const auto began = std::chrono::steady_clock::now();
    const auto outcomes = SendAll(
        *Open(SettingsFor(server.port())),
        {MakeTouch("t1", "ok@a.example"), MakeTouch("t2", "ok@a.example")});
    EXPECT_GE(std::chrono::steady_clock::now() - began, 900ms)
        << "the second waits";
    for (const Outcome& outcome : outcomes) {
      EXPECT_EQ(What(outcome), row.what) << row.greeting;
      EXPECT_EQ(outcome.detail, row.greeting);
    }
    EXPECT_EQ(server.connections(), 2);
  }
}

TEST(SmtpDialogueTest, AnUnfinishedReplyToTheMessageIsUnknown) {
  RawServer server([](int fd, int) {
    RawServer::Write(fd, "220 hi\r\n");
    TalkUntil(fd, ".\r\n");
    RawServer::Write(fd, "250-2.0.0 almost\r\n");
  });
  const auto outcomes = SendAll(*Open(SettingsFor(server.port())),
                                {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "unknown");
}

TEST(SmtpDialogueTest, AResetBeforeTheMessageNeverLeft) {
  RawServer server([](int fd, int) {
    RawServer::Write(fd, "220 hi\r\n");
    TalkUntil(fd, "DATA");
    RawServer::ResetOnClose(fd);
  });
  const auto outcomes = SendAll(*Open(SettingsFor(server.port())),
                                {MakeTouch("t1", "ok@a.example")});
  EXPECT_EQ(What(outcomes[0]), "temporary");
}

}  // namespace
}  // namespace rekindle
