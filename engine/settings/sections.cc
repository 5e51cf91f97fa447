#include "engine/settings/sections.h"

#include <fmt/format.h>

#include "config/yaml/names.h"

namespace rekindle {

std::optional<yaml::Node> TakeOnce(const Sections& sections,
                                   std::string_view key, yaml::Diagnostics& d) {
  std::optional<yaml::Node> first;
  for (const yaml::Node& node : TakeAll(sections, key)) {
    if (!first) {
      first = node;
      continue;
    }
    d.Error(node.position(), fmt::format("\"{}\" is set twice; first at {}",
                                         key, PlaceText(first->position())));
  }
  return first;
}

std::vector<yaml::Node> TakeAll(const Sections& sections,
                                std::string_view key) {
  std::vector<yaml::Node> nodes;
  for (yaml::Section* section : sections) {
    if (auto node = section->Take(key)) nodes.push_back(*node);
  }
  return nodes;
}

std::vector<std::pair<yaml::Node, yaml::Node>> EntriesOf(
    const yaml::Node& node, yaml::Diagnostics& d, std::string_view what) {
  if (!node.IsMap()) {
    d.Error(node.position(),
            fmt::format("{} must be a map, not {}", what, node.KindName()));
  }
  return node.Entries();
}

}  // namespace rekindle
