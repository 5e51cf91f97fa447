// The signature of Standard Webhooks 1.0: an HMAC-SHA256 over id, time and
// body, by which a receiver knows the sender and can drop repetitions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rekindle {

// The key of a secret as receivers write it: after `whsec_` the base64 of the
// key's bytes; any other text is the key itself. Nothing for bad base64.
std::optional<std::string> WebhookKey(std::string_view secret);

// "v1,<base64>" for each key, separated by spaces: while a secret is being
// replaced, receivers accept any of them. `timestamp` is in unix seconds.
std::string WebhookSignature(const std::vector<std::string>& keys,
                             std::string_view id, int64_t timestamp,
                             std::string_view body);

}  // namespace rekindle
