#include "engine/ledger/contents.h"

#include <simdjson.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/base/json_text.h"

namespace rekindle {

using Json = nlohmann::ordered_json;
namespace dom = simdjson::dom;

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
  return JsonText(out);
}

std::vector<ChannelContent> DecodeContents(std::string_view text) {
  static thread_local dom::parser parser;
  std::vector<ChannelContent> contents;
  for (const dom::element entry : parser.parse(text.data(), text.size())) {
    ChannelContent content;
    content.channel = entry.at(0).get_string().value();
    for (const dom::element part : entry.at(1)) {
      content.parts.emplace_back(part.at(0).get_string().value(),
                                 part.at(1).get_string().value());
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
