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
  // Parses a text with variables at its node; reports one that is wrong and
  // returns nothing.
  using ParseText =
      std::function<std::optional<TemplateText>(const yaml::Node&)>;

  // Reads maps, lists and texts; plain whole and decimal numbers, true, false
  // and null become JSON's own. Reports anything else.
  static JsonTemplate Parse(const yaml::Node& node, const ParseText& parse);

  // kNotFound with the name of a variable that has no value.
  Result<nlohmann::ordered_json> Render(const VariableLookup& lookup) const;

 private:
  struct Part;
  std::shared_ptr<const Part> root_;
};

}  // namespace rekindle
