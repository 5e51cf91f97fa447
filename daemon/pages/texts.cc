#include "daemon/pages/texts.h"

#include <yaml-cpp/yaml.h>

#include "daemon/pages/assets.h"

namespace rekindle {

Texts::Texts() {
  YAML::Node file = YAML::Load(std::string(Asset("texts.yaml")));
  for (const auto& entry : file) {
    auto& text = texts_[entry.first.as<std::string>()];
    text["zh"] = entry.second[0].as<std::string>();
    text["en"] = entry.second[1].as<std::string>();
  }
}

std::optional<std::string> Texts::Find(std::string_view key,
                                       std::string_view language) const {
  auto found = texts_.find(std::string(key));
  if (found == texts_.end()) return std::nullopt;
  return found->second.at(std::string(language));
}

}  // namespace rekindle
