// A JSON body written in YAML, its texts with variables.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/templates/template_text.h"
#include "config/yaml/node.h"

namespace rekindle {

// Immutable after Parse; cheap to copy; thread-safe.
class JsonTemplate {
 public:
  // Parses a text with variables at its node; nothing where it is wrong, which
  // is in the diagnostics then.
  using ParseText =
      std::function<std::optional<TemplateText>(const yaml::Node&)>;

  // Maps, lists, texts; plain whole and decimal numbers, true, false and null
  // are what JSON has of them. What cannot be is in the diagnostics.
  static JsonTemplate Parse(const yaml::Node& node, const ParseText& parse);

  // kNotFound with the name of a variable that has no value.
  Result<nlohmann::ordered_json> Render(const VariableLookup& lookup) const;

 private:
  struct Part;
  std::shared_ptr<const Part> root_;
};

}  // namespace rekindle
