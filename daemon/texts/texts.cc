#include "daemon/texts/texts.h"

#include <yaml-cpp/yaml.h>

#include <stdexcept>

#include "daemon/texts/assets.h"

namespace rekindle {

namespace {

template <class Value>
void AddOnce(const YAML::Node& key, Value value,
             std::map<std::string, Value>* map) {
  if (!map->emplace(key.as<std::string>(), std::move(value)).second) {
    throw std::logic_error("texts.yaml has the key " + key.as<std::string>() +
                           " twice");
  }
}

}  // namespace

Texts::Texts() {
  using InLanguages = std::map<std::string, std::string>;
  const YAML::Node file = YAML::Load(std::string(Asset("texts.yaml")));
  for (const auto& entry : file) {
    if (entry.first.as<std::string>() == "phrases") {
      for (const auto& phrase : entry.second) {
        AddOnce(phrase.first, phrase.second.as<std::string>(), &phrases_);
      }
    } else {
      AddOnce(entry.first,
              InLanguages{{"zh", entry.second[0].as<std::string>()},
                          {"en", entry.second[1].as<std::string>()}},
              &texts_);
    }
  }
}

std::string Texts::Tell(const Phrase& phrase, std::string_view language) const {
  if (language != "zh") return phrase.English();
  return phrase.In([&](const std::string& name) {
    const auto found = phrases_.find(name);
    return found == phrases_.end() ? Find(name, "zh") : found->second;
  });
}

std::optional<std::string> Texts::Find(std::string_view key,
                                       std::string_view language) const {
  auto found = texts_.find(std::string(key));
  if (found == texts_.end()) return std::nullopt;
  return found->second.at(std::string(language));
}

}  // namespace rekindle
