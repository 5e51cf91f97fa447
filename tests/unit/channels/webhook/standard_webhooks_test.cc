#include "channels/webhook/standard_webhooks.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// From the reference implementations of Standard Webhooks.
TEST(StandardWebhooksTest, Vectors) {
  const std::vector<std::string> keys = {*WebhookKey(kSecret)};
  EXPECT_EQ(WebhookSignature(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                             R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_EQ(
      WebhookSignature(
          keys, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1674087231,
          R"({"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z",)"
          R"("data":{"id":"1f81eb52-5198-4599-803e-771906343485"}})"),
      "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=");
}

TEST(StandardWebhooksTest, OneSignatureAKey) {
  const std::string key = *WebhookKey(kSecret);
  const std::string both =
      WebhookSignature({key, "plain secret"}, "id", 1, "{}");
  EXPECT_EQ(both, WebhookSignature({key}, "id", 1, "{}") + " " +
                      WebhookSignature({"plain secret"}, "id", 1, "{}"));
}

TEST(StandardWebhooksTest, Keys) {
  EXPECT_EQ(WebhookKey("whsec_Zm9vYmFy"), "foobar");
  EXPECT_EQ(WebhookKey("any other text"), "any other text");
  EXPECT_EQ(WebhookKey("whsec_"), std::nullopt);
  EXPECT_EQ(WebhookKey("whsec_not base64"), std::nullopt);
}

}  // namespace
}  // namespace rekindle
