#include <fmt/format.h>

#include "config/yaml/names.h"
#include "engine/settings/sections.h"

namespace rekindle {
namespace {

// `{behavior: car_control, name: {zh: .., en: ..}}`, or a behavior's name.
std::optional<Label> ParseLabel(const yaml::Node& key, const yaml::Node& node,
                                const BehaviorSet& behaviors,
                                yaml::Diagnostics& d) {
  Label label;
  label.name = key.text();
  label.title = {label.name, label.name};
  std::optional<yaml::Node> behavior;
  if (node.IsScalar()) {
    behavior = node;
  } else {
    yaml::Section section(node, d, fmt::format("label \"{}\"", label.name));
    behavior = section.Require("behavior");
    if (const auto name = section.Take("name")) {
      label.title = AsLocalized(*name, d, "name").value_or(label.title);
    }
    section.Finish();
  }
  if (!behavior) return std::nullopt;
  const auto name = behavior->AsString(d, "behavior");
  if (!name) return std::nullopt;
  const auto index = behaviors.Find(*name);
  if (!index) {
    yaml::CheckKnown(*behavior, d, "behavior", behaviors.names());
    return std::nullopt;
  }
  label.behavior = *index;
  return label;
}

void ParseLabels(const std::vector<yaml::Node>& nodes,
                 const BehaviorSet& behaviors, yaml::Diagnostics& d,
                 PreferenceSettings* settings) {
  NameBook names("label");
  for (const yaml::Node& node : nodes) {
    for (const auto& [key, value] : EntriesOf(node, d, "labels")) {
      if (!names.Add(key, d)) continue;
      auto label = ParseLabel(key, value, behaviors, d);
      // A label that is wrong keeps its name known: one error, not many.
      if (!label) label = Label{key.text(), BehaviorSet::kActivity, {}};
      settings->labels.push_back(*std::move(label));
    }
  }
}

void ParseWindow(const yaml::Node& node, yaml::Diagnostics& d,
                 PreferenceSettings* settings) {
  const auto window = node.AsDuration(d, "window");
  if (!window) return;
  if (window->rolls()) {
    d.Error(node.position(),
            fmt::format("window counts days, weeks, months or periods, not "
                        "\"{}\"",
                        node.text()));
    return;
  }
  settings->window = *window;
}

void ParseThreshold(const yaml::Node& node, yaml::Diagnostics& d,
                    PreferenceSettings* settings) {
  const auto share = node.AsShare(d, "threshold");
  if (!share) return;
  if (*share <= 0) {
    d.Error(node.position(),
            "threshold must be above 0%: else everyone has every label");
    return;
  }
  settings->threshold = *share;
}

void ParseMinActiveDays(const yaml::Node& node, yaml::Diagnostics& d,
                        PreferenceSettings* settings) {
  constexpr int64_t kMost = 1000;
  const auto days = node.AsInteger(d, "min_active_days");
  if (!days) return;
  if (*days < 1 || *days > kMost) {
    d.Error(node.position(),
            fmt::format("min_active_days must be between 1 and {}, not {}",
                        kMost, *days));
    return;
  }
  settings->min_active_days = static_cast<int>(*days);
}

}  // namespace

PreferenceSettings ParsePreferences(const std::vector<yaml::Node>& nodes,
                                    const BehaviorSet& behaviors,
                                    yaml::Diagnostics& d) {
  PreferenceSettings settings;
  std::vector<yaml::Section> opened;
  opened.reserve(nodes.size());
  Sections sections;
  for (const yaml::Node& node : nodes) {
    opened.emplace_back(node, d, "preferences");
    sections.push_back(&opened.back());
  }
  if (const auto node = TakeOnce(sections, "window", d)) {
    ParseWindow(*node, d, &settings);
  }
  if (const auto node = TakeOnce(sections, "threshold", d)) {
    ParseThreshold(*node, d, &settings);
  }
  if (const auto node = TakeOnce(sections, "min_active_days", d)) {
    ParseMinActiveDays(*node, d, &settings);
  }
  if (const auto node = TakeOnce(sections, "anchor", d)) {
    yaml::CheckKnown(*node, d, "anchor", {"as_of", "last_active"});
    settings.anchor_last_active = node->text() == "last_active";
  }
  ParseLabels(TakeAll(sections, "labels"), behaviors, d, &settings);
  for (yaml::Section* section : sections) section->Finish();
  return settings;
}

}  // namespace rekindle
