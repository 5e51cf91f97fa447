// What is added to the texts of a touch so that clicks, opens and
// unsubscriptions come back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/link_settings.h"
#include "engine/touches/touch.h"

namespace rekindle {

// A part that the planner adds for channels that ask for it (their adapters
// know what to do with it), and the variable of the same name in templates.
inline constexpr std::string_view kUnsubscribeUrl = "unsubscribe_url";
inline constexpr std::string_view kBounceToken = "bounce_token";

// Immutable; thread-safe.
class Tracking {
 public:
  // `folder_key` signs where the settings have no secret.
  Tracking(std::optional<LinkSettings> settings, const std::string& folder_key);

  bool on() const { return settings_.has_value(); }
  // Whether the URL is under the base address already, so that it needs no
  // tracking.
  bool IsOwn(std::string_view url) const;

  // Puts tracked links into the touch's texts, and an open pixel into html: in
  // parts named `text` every link, in `html` every href, in `url` the whole
  // value. What they lead to goes to `touch->links`, each target once. Links
  // beyond the 255th stay as they are. Does nothing unless on().
  void Track(Touch* touch) const;

  // REQUIRES: on(). `language` is that of the message, "zh" or "en".
  std::string UnsubscribeUrl(std::string_view touch_id,
                             std::string_view language) const;
  std::string BounceToken(std::string_view touch_id) const;

  const std::string& key() const { return key_; }

 private:
  std::string LinkUrl(std::string_view touch_id, int number) const;

  const std::optional<LinkSettings> settings_;
  const std::string key_;
  const std::string folder_key_;
};

}  // namespace rekindle
