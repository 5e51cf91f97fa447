#include "engine/ledger/contents.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rekindle {

using Json = nlohmann::ordered_json;

// [["push", [["title", "..."], ["url", "..."]]], ["mail", [...]]]
std::string EncodeContents(std::span<const ChannelContent> contents) {
  Json out = Json::array();
  for (const ChannelContent& content : contents) {
    Json parts = Json::array();
    for (const auto& [key, text] : content.parts) {
      parts.push_back(Json::array({key, text}));
    }
    out.push_back(Json::array({content.channel, std::move(parts)}));
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<ChannelContent> DecodeContents(std::string_view text) {
  std::vector<ChannelContent> contents;
  const Json in = Json::parse(text);
  for (const Json& entry : in) {
    ChannelContent content;
    content.channel = entry.at(0).get<std::string>();
    for (const Json& part : entry.at(1)) {
      content.parts.emplace_back(part.at(0).get<std::string>(),
                                 part.at(1).get<std::string>());
    }
    contents.push_back(std::move(content));
  }
  return contents;
}

const ChannelContent* FindContent(std::span<const ChannelContent> contents,
                                  std::string_view channel) {
  const auto found = std::find_if(
      contents.begin(), contents.end(),
      [&](const ChannelContent& c) { return c.channel == channel; });
  return found == contents.end() ? nullptr : &*found;
}

std::span<const ChannelContent> ContentsAfter(
    std::span<const ChannelContent> contents, std::string_view channel) {
  const ChannelContent* found = FindContent(contents, channel);
  if (found == nullptr) return {};
  return contents.subspan(found - contents.data() + 1);
}

}  // namespace rekindle
