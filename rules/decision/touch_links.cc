#include "rules/decision/touch_links.h"

#include <algorithm>
#include <utility>

namespace rekindle {

TouchLinks::TouchLinks(const Rule& rule,
                       std::vector<const ChannelFacts*> channels,
                       const Snapshot& facts, const Ledger& ledger,
                       Instant slot)
    : rule_(rule),
      channels_(std::move(channels)),
      facts_(facts),
      slot_(slot),
      tracking_(facts.settings().links, ledger.key()) {}

bool TouchLinks::MakeTextsUnique() const {
  const auto asks = [](const ChannelFacts* channel) {
    return channel != nullptr &&
           std::find(channel->added_parts.begin(), channel->added_parts.end(),
                     kBounceToken) != channel->added_parts.end();
  };
  return tracking_.on() ||
         std::any_of(channels_.begin(), channels_.end(), asks);
}

std::optional<std::string> TouchLinks::UnsubscribeUrl(
    UserNumber user, std::string_view language) const {
  if (!tracking_.on()) return std::nullopt;
  return tracking_.UnsubscribeUrl(
      TouchIdOf(rule_.id, facts_.users().IdOf(user), slot_, 0), language);
}

void TouchLinks::AddTo(Touch* touch, std::string_view language) const {
  tracking_.Track(touch);
  for (ChannelContent& content : touch->contents) {
    for (const ChannelFacts* channel : channels_) {
      if (channel == nullptr || channel->id != content.channel) continue;
      AddParts(*channel, *touch, language, &content);
    }
  }
}

void TouchLinks::AddParts(const ChannelFacts& channel, const Touch& touch,
                          std::string_view language,
                          ChannelContent* content) const {
  for (const std::string& part : channel.added_parts) {
    if (part == kBounceToken) {
      content->parts.emplace_back(part, tracking_.BounceToken(touch.touch_id));
    } else if (part == kUnsubscribeUrl && tracking_.on() && touch.marketing) {
      content->parts.emplace_back(
          part, tracking_.UnsubscribeUrl(touch.touch_id, language));
    }
  }
}

}  // namespace rekindle
