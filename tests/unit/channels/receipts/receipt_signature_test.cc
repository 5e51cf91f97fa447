#include "channels/receipts/receipt_signature.h"

#include <gtest/gtest.h>

#include <map>

#include "channels/webhook/standard_webhooks.h"
#include "config/base/base64.h"
#include "config/base/hmac.h"

namespace rekindle {
namespace {

using Headers = std::map<std::string, std::string, std::less<>>;

std::string Problem(const ReceiptSettings& settings, const Headers& headers,
                    std::string_view body, int64_t now) {
  return SignatureProblem(
      settings,
      [&](std::string_view name) -> std::string_view {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : std::string_view(found->second);
      },
      body, FromMillis(now * 1000));
}

ReceiptSettings SettingsOf(ReceiptSignature signature,
                           std::vector<std::string> keys) {
  ReceiptSettings settings;
  settings.signature = signature;
  for (std::string& key : keys) settings.keys.emplace_back(std::move(key));
  return settings;
}

// From the tests of Standard Webhooks' own libraries.
TEST(StandardSignature, IsThatOfTheVector) {
  const auto key = WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const auto settings =
      SettingsOf(ReceiptSignature::kStandardWebhooks, {"other", *key});
  const std::string body = R"({"test": 2432232314})";
  const Headers good = {
      {"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
      {"webhook-timestamp", "1614265330"},
      {"webhook-signature",
       "v1,bm9wZQ== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
  EXPECT_EQ(Problem(settings, good, body, 1614265330), "");
  EXPECT_EQ(Problem(settings, good, body, 1614265330 + 300), "");
  EXPECT_EQ(Problem(settings, good, body, 1614265330 + 301),
            "webhook-timestamp is over 5 minutes off");
  EXPECT_EQ(Problem(settings, good, body, 1614265330 - 301),
            "webhook-timestamp is over 5 minutes off");
  EXPECT_EQ(Problem(settings, good, body + " ", 1614265330),
            "the signature is not of this channel's secret");

  struct Row {
    const char *header, *value, *problem;
  };
  const Row rows[] = {
      {"webhook-id", "",
       "the headers webhook-id, webhook-timestamp and webhook-signature are "
       "needed"},
      {"webhook-id", "msg_other",
       "the signature is not of this channel's secret"},
      {"webhook-timestamp", "1614265330x",
       "webhook-timestamp is not a unix time"},
      {"webhook-timestamp", "99999999999999999999",
       "webhook-timestamp is not a unix time"},
      {"webhook-timestamp", "1614265331",
       "the signature is not of this channel's secret"},
      {"webhook-signature", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
       "the signature is not of this channel's secret"},
  };
  for (const Row& row : rows) {
    Headers bad = good;
    bad[row.header] = row.value;
    EXPECT_EQ(Problem(settings, bad, body, 1614265330), row.problem)
        << row.header << ": " << row.value;
  }
}

TEST(HmacSignature, MayBeHexOrBase64) {
  auto settings = SettingsOf(ReceiptSignature::kHmacSha256, {"key"});
  settings.header = "x-signature";
  const std::string mac = HmacSha256("key", "body");
  struct Row {
    std::string value, problem;
  };
  std::string upper = ToHex(mac);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  const Row rows[] = {
      {ToHex(mac), ""},
      {upper, ""},
      {"sha256=" + ToHex(mac), ""},
      {EncodeBase64(mac), ""},
      {"", "the header x-signature is needed"},
      {ToHex(mac).substr(1), "the signature is not of this channel's secret"},
      {ToHex(HmacSha256("kay", "body")),
       "the signature is not of this channel's secret"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Problem(settings, {{"x-signature", row.value}}, "body", 0),
              row.problem)
        << row.value;
  }
}

TEST(TokenSignature, IsABearerOrAPassword) {
  const auto settings = SettingsOf(ReceiptSignature::kToken, {"old", "s3cret"});
  const std::string wrong = "the Authorization header does not hold the secret";
  struct Row {
    std::string value, problem;
  };
  const Row rows[] = {
      {"Bearer s3cret", ""},
      {"bearer old", ""},
      {"Basic " + EncodeBase64("anybody:s3cret"), ""},
      {"Basic " + EncodeBase64(":old"), ""},
      {"Basic " + EncodeBase64("s3cret"), wrong},
      {"Basic !", wrong},
      {"Bearer s3cre", wrong},
      {"Bearer ", wrong},
      {"s3cret", wrong},
      {"", wrong},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Problem(settings, {{"authorization", row.value}}, "", 0),
              row.problem)
        << row.value;
  }
}

// As SendGrid publishes it.
TEST(EcdsaSignature, IsThatOfTheVector) {
  ReceiptSettings settings;
  settings.signature = ReceiptSignature::kEcdsa;
  settings.header = "signature";
  settings.timestamp_header = "timestamp";
  settings.public_keys = {
      *DecodeBase64(
          "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERwOLS0rjRmVOaELGtc6VECZGPzgO"
          "fq5u1wBdI+2QLRM4lh+RDzOaMSdFff14WQqjlDp1IY4NcddMzNj3o+AWcA=="),
      *DecodeBase64(
          "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfS"
          "mpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==")};
  const std::string body =
      R"([{"email":"hello@world.com","event":"dropped","reason":"Bounced )"
      R"(Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2Z)"
      R"(TbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw)"
      R"(1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofS)"
      R"(m_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}])"
      "\r\n";
  const Headers good = {
      {"timestamp", "1600112502"},
      {"signature",
       "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0J"
       "uG+luQAbPIqHh89M15TluLtEZtM="}};
  EXPECT_EQ(Problem(settings, good, body, 0), "");
  const std::string wrong = "the signature is not of this channel's public_key";
  const std::string needed = "the headers signature and timestamp are needed";
  EXPECT_EQ(Problem(settings, good, body + " ", 0), wrong);
  const struct {
    const char *header, *value;
    std::string problem;
  } kRows[] = {
      {"timestamp", "1600112503", wrong}, {"timestamp", "", needed},
      {"signature", "", needed},          {"signature", "no base64!", needed},
      {"signature", "AAAA", wrong},
  };
  for (const auto& row : kRows) {
    Headers bad = good;
    bad[row.header] = row.value;
    EXPECT_EQ(Problem(settings, bad, body, 0), row.problem)
        << row.header << ": " << row.value;
  }
  settings.public_keys.pop_back();
  EXPECT_EQ(Problem(settings, good, body, 0), wrong) << "another's key";
}

}  // namespace
}  // namespace rekindle
