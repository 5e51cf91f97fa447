#include "channels/receipts/receipt_settings.h"

#include <fmt/format.h>

#include <cstdlib>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using channel_testing::ChannelErrors;
using channel_testing::Channels;

constexpr char kP256[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfS"
    "mpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
constexpr char kP384[] =
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEFdzFo8l+mJsAZBFbtFpUNF33FpAYK6J+"
    "+TqaucUXTKVPATvRBVi+H+qghYwIqPmK84MnrPPo3Q0bd7INSs/4iU4Q/rqmlvrK"
    "sf+ddRL/Jm0E1uI2gvwnuPNgBbBbywix";

class ReceiptSettingsTest : public ::testing::Test {
 protected:
  ReceiptSettingsTest() { setenv("RECEIPTS", "whsec_c2VjcmV0", 1); }

  static std::string With(const std::string& receipts) {
    return "c: {type: file, dir: x, receipts: " + receipts + "}";
  }
};

TEST_F(ReceiptSettingsTest, ReadAProvidersWords) {
  const auto channels = Channels(With(
      "{secret: {env: RECEIPTS}, items: /events, id: /message_id, touch_id: "
      "[/args/m, /m], state: [/event, /type], at: /ts, events: {bounce: "
      "bounced, bounce/blocked: undelivered, open: opened}}"));
  ASSERT_EQ(channels.size(), 1u);
  ASSERT_TRUE(channels[0].receipts);
  const ReceiptSettings& settings = *channels[0].receipts;
  EXPECT_EQ(settings.signature, ReceiptSignature::kStandardWebhooks);
  ASSERT_EQ(settings.keys.size(), 1u);
  EXPECT_EQ(settings.keys[0].Reveal(), "secret");
  EXPECT_EQ(settings.items, "/events");
  EXPECT_EQ(settings.touch_id, (FieldPaths{"/args/m", "/m"}));
  EXPECT_EQ(settings.state, (FieldPaths{"/event", "/type"}));
  ASSERT_TRUE(settings.events);
  EXPECT_EQ(settings.events->at("bounce/blocked"), ReceiptState::kUndelivered);
}

TEST_F(ReceiptSettingsTest, TakeTheSecretAsItIsForOtherSignatures) {
  const auto channels =
      Channels(With("{secret: [{env: RECEIPTS}, {env: RECEIPTS}], signature: "
                    "hmac_sha256, header: X-Signature}"));
  ASSERT_EQ(channels.size(), 1u);
  ASSERT_EQ(channels[0].receipts->keys.size(), 2u);
  EXPECT_EQ(channels[0].receipts->keys[0].Reveal(), "whsec_c2VjcmV0");
  EXPECT_EQ(channels[0].receipts->header, "X-Signature");
}

TEST_F(ReceiptSettingsTest, TakeAProvidersPublicKey) {
  const auto channels = Channels(
      With(fmt::format("{{signature: ecdsa, public_key: {}, timestamp_header: "
                       "X-Time}}",
                       kP256)));
  ASSERT_EQ(channels.size(), 1u);
  const ReceiptSettings& settings = channels[0].receipts.value();
  EXPECT_EQ(settings.public_keys.size(), 1u);
  EXPECT_TRUE(settings.takes_callbacks());
  EXPECT_EQ(settings.header, "X-Twilio-Email-Event-Webhook-Signature");
  EXPECT_EQ(settings.timestamp_header, "X-Time");
}

TEST_F(ReceiptSettingsTest, NameWhatIsWrong) {
  struct Row {
    std::string receipts, error;
  };
  const Row rows[] = {
      {"{}", "receipts needs \"secret\""},
      {"{secret: plain}", "secret"},
      {"{secret: {env: RECEIPTS}, signature: hmac}",
       "unknown signature \"hmac\""},
      {"{secret: {env: RECEIPTS}, signature: hmac_sha256}",
       "signature: hmac_sha256 needs the header it stands in, such as header: "
       "X-Signature"},
      {"{secret: {env: RECEIPTS}, header: X}",
       "header goes with signature: hmac_sha256 or ecdsa"},
      {"{signature: ecdsa}",
       "signature: ecdsa needs the provider's \"public_key\""},
      {"{signature: ecdsa, public_key: plain}",
       "public_key must be a P-256 key in base64 (DER), such as the one that "
       "SendGrid shows"},
      {fmt::format("{{signature: ecdsa, public_key: {}}}", kP384),
       "public_key must be a P-256 key in base64 (DER)"},
      {fmt::format("{{signature: ecdsa, secret: {{env: RECEIPTS}}, public_key: "
                   "{}}}",
                   kP256),
       "signature: ecdsa takes no secret, but a public_key"},
      {fmt::format("{{secret: {{env: RECEIPTS}}, public_key: {}}}", kP256),
       "public_key goes with signature: ecdsa"},
      {"{secret: {env: RECEIPTS}, timestamp_header: X}",
       "timestamp_header goes with signature: ecdsa"},
      {"{secret: {env: RECEIPTS}, signature: ecdas}",
       "unknown signature \"ecdas\"; did you mean \"ecdsa\"?"},
      {"{secret: {env: RECEIPTS}, id: message_id}",
       "id must be a path into the JSON, such as /message/id, not "
       "\"message_id\""},
      {"{secret: {env: RECEIPTS}, events: [bounce]}",
       "events must be a map from the provider's words to states, such as "
       "{bounce: bounced}"},
      {"{secret: {env: RECEIPTS}, events: {bounce: bounce}}",
       "unknown state \"bounce\"; did you mean \"bounced\"?"},
      {"{secret: {env: RECEIPTS}, event: {}}", "did you mean \"events\"?"},
  };
  for (const Row& row : rows) {
    const std::string errors = ChannelErrors(With(row.receipts));
    EXPECT_NE(errors.find(row.error), std::string::npos) << row.receipts << "\n"
                                                         << errors;
  }
}

}  // namespace
}  // namespace rekindle
