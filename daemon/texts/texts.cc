#include "daemon/texts/texts.h"

#include <yaml-cpp/yaml.h>

#include <stdexcept>

#include "daemon/texts/assets.h"

namespace rekindle {

Texts::Texts() {
  YAML::Node file = YAML::Load(std::string(Asset("texts.yaml")));
  for (const auto& entry : file) {
    const auto key = entry.first.as<std::string>();
    if (texts_.contains(key)) {
      throw std::logic_error("texts.yaml has the key " + key + " twice");
    }
    texts_[key] = {{"zh", entry.second[0].as<std::string>()},
                   {"en", entry.second[1].as<std::string>()}};
  }
}

std::optional<std::string> Texts::Find(std::string_view key,
                                       std::string_view language) const {
  auto found = texts_.find(std::string(key));
  if (found == texts_.end()) return std::nullopt;
  return found->second.at(std::string(language));
}

}  // namespace rekindle
