#include "channels/http/json_template.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace rekindle {

using OrderedJson = nlohmann::ordered_json;

// One value: a constant, a text, or what holds further ones.
struct JsonTemplate::Part {
  OrderedJson constant;  // of a list or map: an empty one
  std::optional<TemplateText> text;
  std::vector<std::pair<std::string, std::shared_ptr<const Part>>> members;

  static std::shared_ptr<const Part> Of(const yaml::Node& node,
                                        const ParseText& parse);
  Result<OrderedJson> Render(const VariableLookup& lookup) const;
};

namespace {

// A plain scalar that JSON reads as a number, a truth value or null.
std::optional<OrderedJson> Constant(const yaml::Node& node) {
  if (node.IsNull()) return OrderedJson();
  if (!node.plain()) return std::nullopt;
  OrderedJson value = OrderedJson::parse(node.text(), nullptr, false);
  if (value.is_discarded() || value.is_string()) return std::nullopt;
  return value;
}

}  // namespace

std::shared_ptr<const JsonTemplate::Part> JsonTemplate::Part::Of(
    const yaml::Node& node, const ParseText& parse) {
  auto part = std::make_shared<Part>();
  if (node.IsMap()) {
    part->constant = OrderedJson::object();
    for (const auto& [key, value] : node.Entries()) {
      part->members.emplace_back(key.text(), Of(value, parse));
    }
  } else if (node.IsList()) {
    part->constant = OrderedJson::array();
    for (const yaml::Node& item : node.Items()) {
      part->members.emplace_back("", Of(item, parse));
    }
  } else if (auto constant = Constant(node)) {
    part->constant = std::move(*constant);
  } else {
    part->text = parse(node);
  }
  return part;
}

Result<OrderedJson> JsonTemplate::Part::Render(
    const VariableLookup& lookup) const {
  if (text) {
    auto rendered = text->Render(lookup, Escaping::kNone);
    if (!rendered) return tl::make_unexpected(rendered.error());
    return OrderedJson(*std::move(rendered));
  }
  OrderedJson value = constant;
  for (const auto& [key, member] : members) {
    auto rendered = member->Render(lookup);
    if (!rendered) return rendered;
    if (value.is_array()) {
      value.push_back(*std::move(rendered));
    } else {
      value[key] = *std::move(rendered);
    }
  }
  return value;
}

JsonTemplate JsonTemplate::Parse(const yaml::Node& node,
                                 const ParseText& parse) {
  JsonTemplate parsed;
  parsed.root_ = Part::Of(node, parse);
  return parsed;
}

Result<OrderedJson> JsonTemplate::Render(const VariableLookup& lookup) const {
  return root_->Render(lookup);
}

}  // namespace rekindle
