#include "channels/http/request_values.h"

namespace rekindle {

RequestValues::RequestValues(const RequestSettings& settings,
                             const ClaimedTouch& touch, Instant now)
    : settings_(settings), touch_(touch) {
  values_ = {{"touch_id", touch.touch_id},
             {"rule_id", touch.rule_id},
             {"user_id", touch.user_id},
             {"slot", Calendar::Utc().Format(touch.slot)},
             {"attempt", std::to_string(touch.attempt)},
             {"address", touch.address},
             {"timestamp", std::to_string(ToMillis(now) / 1000)},
             {"timestamp_ms", std::to_string(ToMillis(now))}};
}

std::optional<std::string> RequestValues::Find(std::string_view name) const {
  constexpr std::string_view kPart = "parts.";
  constexpr std::string_view kSecret = "secret.";
  if (name.starts_with(kPart)) {
    for (const auto& [key, text] : touch_.parts) {
      if (key == name.substr(kPart.size())) return text;
    }
    return std::nullopt;
  }
  if (name.starts_with(kSecret)) {
    const auto secret =
        settings_.secrets.find(std::string(name.substr(kSecret.size())));
    if (secret == settings_.secrets.end()) return std::nullopt;
    return secret->second.Reveal();
  }
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

}  // namespace rekindle
