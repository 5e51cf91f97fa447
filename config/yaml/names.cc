#include "config/yaml/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace rekindle {

bool IsName(std::string_view text) {
  constexpr auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::string PlaceText(const yaml::Position& at) {
  if (!at.file) return "an unknown place";
  return fmt::format("{}:{}:{}", at.file->name, at.line, at.column);
}

bool NameBook::Add(const yaml::Node& key, yaml::Diagnostics& d) {
  if (!IsName(key.text())) {
    d.Error(key.position(),
            fmt::format("the name of a {} is made of letters, digits, _ and "
                        "-, not \"{}\"",
                        what_, key.text()));
    return false;
  }
  auto [at, entered] = given_.emplace(key.text(), key.position());
  if (!entered) {
    d.Error(key.position(),
            fmt::format("{} \"{}\" is defined twice; first at {}", what_,
                        key.text(), PlaceText(at->second)));
  }
  return entered;
}

}  // namespace rekindle
