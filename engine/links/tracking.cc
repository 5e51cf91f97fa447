#include "engine/links/tracking.h"

#include <algorithm>
#include <utility>

#include "engine/links/link_finder.h"
#include "engine/links/link_token.h"

namespace rekindle {
namespace {

std::string KeyOf(const std::optional<LinkSettings>& settings,
                  const std::string& folder_key) {
  if (!settings || settings->secret.empty()) return folder_key;
  return settings->secret.Reveal();
}

}  // namespace

Tracking::Tracking(std::optional<LinkSettings> settings,
                   const std::string& folder_key)
    : settings_(std::move(settings)),
      key_(KeyOf(settings_, folder_key)),
      folder_key_(folder_key) {}

bool Tracking::IsOwn(std::string_view url) const {
  return url.starts_with(settings_->base_url + "/");
}

std::string Tracking::LinkUrl(std::string_view touch_id, int number) const {
  return settings_->base_url + "/r/" +
         MakeToken(key_, TokenUse::kLink, touch_id, number);
}

std::string Tracking::UnsubscribeUrl(std::string_view touch_id,
                                     std::string_view language) const {
  return settings_->base_url + "/u/" +
         MakeToken(key_, TokenUse::kUnsubscribe, touch_id,
                   language == "en" ? 1 : 0);
}

// Whatever signs the links: bounces come back by another way.
std::string Tracking::BounceToken(std::string_view touch_id) const {
  return MakeBounceToken(folder_key_, touch_id);
}

void Tracking::Track(Touch* touch) const {
  if (!on()) return;
  const ReplaceLink replace = [&](const std::string& url) -> std::string {
    if (IsOwn(url)) return url;
    auto& links = touch->links;
    auto found = std::find(links.begin(), links.end(), url);
    if (found == links.end()) {
      if (links.size() == kMostLinks) return url;
      found = links.insert(links.end(), url);
    }
    return LinkUrl(touch->touch_id,
                   static_cast<int>(found - links.begin()) + 1);
  };
  for (ChannelContent& content : touch->contents) {
    for (auto& [part, text] : content.parts) {
      if (part == "text") {
        text = ReplaceLinksInText(text, replace);
      } else if (part == "url") {
        if (IsWebLink(text)) text = replace(text);
      } else if (part == "html") {
        text = ReplaceLinksInHtml(text, replace);
        if (!settings_->opens) continue;
        text =
            InsertAtBodyEnd(text, "<img src=\"" + LinkUrl(touch->touch_id, 0) +
                                      "\" width=\"1\" height=\"1\" "
                                      "alt=\"\">");
      }
    }
  }
}

}  // namespace rekindle
