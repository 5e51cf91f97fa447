// YAML written in a test, and what was said about it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/yaml/document.h"

namespace rekindle::testing {

// Parses what is known to be good YAML.
inline yaml::Node YamlOf(const std::string& text,
                         const std::string& name = "test.yaml") {
  yaml::Diagnostics d;
  auto node = yaml::Parse(name, text, d);
  if (!node) throw std::runtime_error("bad YAML in a test:\n" + d.Render());
  return *node;
}

// "test.yaml:1:5: <message>" in the order reported, warnings marked as such;
// one a line.
inline std::string MessagesOf(const yaml::Diagnostics& d) {
  std::string text;
  for (const yaml::Diagnostic& one : d.all()) {
    if (!text.empty()) text += "\n";
    text += one.at.file ? one.at.file->name : "?";
    text += ":" + std::to_string(one.at.line);
    text += ":" + std::to_string(one.at.column) + ": ";
    if (one.severity == yaml::Severity::kWarning) text += "warning: ";
    text += one.message;
  }
  return text;
}

}  // namespace rekindle::testing
