#include <fmt/format.h>

#include <algorithm>

#include "config/yaml/names.h"
#include "engine/settings/sections.h"
#include "rules/definition/parse_context.h"

namespace rekindle {
namespace {

void ParseTemplates(const yaml::Node& node, NameBook& names,
                    ParseContext& context) {
  if (!node.IsMap()) {
    context.d.Error(
        node.position(),
        fmt::format("templates must be a map, not {}", node.KindName()));
    return;
  }
  for (const auto& [id, value] : node.Entries()) {
    if (!names.Add(id, context.d)) continue;
    context.templates.emplace(id.text(), ParseTemplate(id, value, context));
  }
}

void ParseRuleList(const yaml::Node& node, ParseContext& context,
                   RuleSet* set) {
  if (!node.IsList()) {
    context.d.Error(node.position(), fmt::format("rules must be a list, not {}",
                                                 node.KindName()));
    return;
  }
  for (const yaml::Node& item : node.Items()) {
    auto rule = ParseRule(item, context);
    if (!rule) continue;
    if (const Rule* first = set->Find(rule->id)) {
      context.d.Error(rule->at,
                      fmt::format("rule \"{}\" is defined twice; first at {}",
                                  rule->id, PlaceText(first->at)));
      continue;
    }
    set->rules.push_back(*std::move(rule));
  }
}

GlobalHoldOut ParseGlobalHoldOut(const yaml::Node& node, yaml::Diagnostics& d) {
  GlobalHoldOut hold_out;
  yaml::Section section(node, d, "hold_out");
  if (auto share = section.Require("share")) {
    hold_out.share = ParseHoldOut(*share, d);
  }
  hold_out.salt = section.GetString("salt", "");
  section.Finish();
  return hold_out;
}

void Append(const yaml::Node& node, std::string* text) {
  if (node.IsMap()) {
    *text += '{';
    for (const auto& [key, value] : node.Entries()) {
      Append(key, text);
      Append(value, text);
    }
    *text += '}';
  } else if (node.IsList()) {
    *text += '[';
    for (const yaml::Node& item : node.Items()) Append(item, text);
    *text += ']';
  } else {
    *text += fmt::format("{}:{}", node.text().size(), node.text());
  }
}

}  // namespace

std::vector<std::string> ParseContext::ChannelIds() const {
  std::vector<std::string> ids;
  for (const ChannelFacts& channel : channels) ids.push_back(channel.id);
  return ids;
}

const ChannelFacts* ParseContext::FindChannel(std::string_view id) const {
  auto found = std::find_if(channels.begin(), channels.end(),
                            [&](const ChannelFacts& c) { return c.id == id; });
  return found == channels.end() ? nullptr : &*found;
}

std::string CanonicalText(const yaml::Node& node) {
  std::string text;
  Append(node, &text);
  return text;
}

RuleSet ParseRules(std::vector<yaml::Section*> sections,
                   const Vocabulary& vocabulary,
                   const std::vector<ChannelFacts>& channels,
                   const EngineSettings& settings, yaml::Diagnostics& d) {
  ParseContext context{vocabulary, channels, settings, d, {}, {}, false, {}};
  RuleSet set;
  NameBook names("template");
  std::vector<yaml::Node> lists;
  if (auto node = TakeOnce(sections, "hold_out", d)) {
    set.hold_out = ParseGlobalHoldOut(*node, d);
  }
  // The engine read them; here they count for the versions of rules.
  for (const yaml::Node& node : TakeAll(sections, "segments")) {
    for (const auto& [name, condition] : node.Entries()) {
      context.segment_yaml[name.text()] = CanonicalText(condition);
    }
  }
  if (auto node = TakeOnce(sections, "caps", d)) {
    set.caps = ParseCaps(*node, context);
  }
  if (auto node = TakeOnce(sections, "approval", d)) {
    context.approval_required = ParseApproval(*node, d);
  }
  if (auto node = TakeOnce(sections, "notify", d)) {
    context.notify = ParseNotify(*node, context);
  }
  for (yaml::Section* section : sections) {
    if (auto node = section->Take("templates")) {
      ParseTemplates(*node, names, context);
    }
    if (auto node = section->Take("rules")) lists.push_back(*node);
  }
  // Rules name templates of any file, so these are read first.
  for (const yaml::Node& list : lists) ParseRuleList(list, context, &set);
  for (auto& [id, parsed] : context.templates) {
    set.templates.emplace(id, std::move(parsed.message));
  }
  return set;
}

}  // namespace rekindle
