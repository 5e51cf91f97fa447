#include "channels/receipts/receipt_signature.h"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <charconv>

#include "channels/receipts/ecdsa_signature.h"
#include "channels/webhook/standard_webhooks.h"
#include "config/base/base64.h"
#include "config/base/hmac.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

constexpr int64_t kToleranceSeconds = 5 * 60;

std::string StandardProblem(const ReceiptSettings& settings,
                            const HeaderLookup& header, std::string_view body,
                            Instant now) {
  const std::string_view id = header("webhook-id");
  const std::string_view time = header("webhook-timestamp");
  const std::string_view signatures = header("webhook-signature");
  if (id.empty() || time.empty() || signatures.empty()) {
    return "the headers webhook-id, webhook-timestamp and webhook-signature "
           "are needed";
  }
  int64_t seconds = 0;
  const auto [end, error] =
      std::from_chars(time.data(), time.data() + time.size(), seconds);
  if (error != std::errc() || end != time.data() + time.size()) {
    return "webhook-timestamp is not a unix time";
  }
  const int64_t here = ToMillis(now) / 1000;
  if (seconds < here - kToleranceSeconds ||
      seconds > here + kToleranceSeconds) {
    return "webhook-timestamp is over 5 minutes off";
  }
  bool good = false;
  for (const Secret& key : settings.keys) {
    const std::string expected =
        WebhookSignature({key.Reveal()}, id, seconds, body);
    for (const std::string& given : Split(signatures, ' ')) {
      good |= SameBytes(given, expected);
    }
  }
  return good ? "" : "the signature is not of this channel's secret";
}

std::string HmacProblem(const ReceiptSettings& settings,
                        const HeaderLookup& header, std::string_view body) {
  std::string given(Trim(header(settings.header)));
  if (given.empty()) return "the header " + settings.header + " is needed";
  constexpr std::string_view kPrefix = "sha256=";
  if (given.starts_with(kPrefix)) given.erase(0, kPrefix.size());
  const std::string lower = boost::algorithm::to_lower_copy(given);
  bool good = false;
  for (const Secret& key : settings.keys) {
    const std::string mac = HmacSha256(key.Reveal(), body);
    good |= SameBytes(lower, ToHex(mac));
    good |= SameBytes(given, EncodeBase64(mac));
  }
  return good ? "" : "the signature is not of this channel's secret";
}

std::string TokenProblem(const ReceiptSettings& settings,
                         const HeaderLookup& header) {
  const std::string_view text = header("authorization");
  std::string given;
  if (boost::algorithm::istarts_with(text, "Bearer ")) {
    given = Trim(text.substr(7));
  } else if (boost::algorithm::istarts_with(text, "Basic ")) {
    const auto pair = DecodeBase64(Trim(text.substr(6)));
    if (pair) given = pair->substr(std::min(pair->find(':'), pair->size()));
    if (!given.empty()) given.erase(0, 1);
  }
  // Hashes, so that the time does not tell how long the secret is.
  bool good = false;
  for (const Secret& key : settings.keys) {
    good |= SameBytes(HmacSha256(key.Reveal(), given),
                      HmacSha256(key.Reveal(), key.Reveal()));
  }
  return good ? "" : "the Authorization header does not hold the secret";
}

// However old: the provider sends again for a day what was not taken, and what
// is known already changes nothing.
std::string EcdsaProblem(const ReceiptSettings& settings,
                         const HeaderLookup& header, std::string_view body) {
  const std::string_view time = header(settings.timestamp_header);
  const auto signature = DecodeBase64(Trim(header(settings.header)));
  if (time.empty() || !signature || signature->empty()) {
    return "the headers " + settings.header + " and " +
           settings.timestamp_header + " are needed";
  }
  std::string message(time);
  message += body;
  for (const std::string& key : settings.public_keys) {
    if (EcdsaVerifies(key, message, *signature)) return "";
  }
  return "the signature is not of this channel's public_key";
}

}  // namespace

std::string SignatureProblem(const ReceiptSettings& settings,
                             const HeaderLookup& header, std::string_view body,
                             Instant now) {
  switch (settings.signature) {
    case ReceiptSignature::kStandardWebhooks:
      return StandardProblem(settings, header, body, now);
    case ReceiptSignature::kHmacSha256:
      return HmacProblem(settings, header, body);
    case ReceiptSignature::kEcdsa:
      return EcdsaProblem(settings, header, body);
    case ReceiptSignature::kToken:
      break;
  }
  return TokenProblem(settings, header);
}

}  // namespace rekindle
