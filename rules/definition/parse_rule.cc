#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "config/base/hash.h"
#include "config/yaml/names.h"
#include "rules/definition/parse_context.h"

namespace rekindle {
namespace {

const std::vector<std::string>& Aims() {
  static const std::vector<std::string> aims = {
      "wake_rate", "winback_rate", "old_user_retention", "new_user_retention",
      "active_rate"};
  return aims;
}

std::string ParseId(yaml::Section& section) {
  auto node = section.Require("id");
  if (!node) return "";
  auto id = node->AsString(section.diagnostics(), "id");
  if (!id) return "";
  if (IsName(*id)) return *id;
  section.diagnostics().Error(
      node->position(), fmt::format("the id of a rule is made of letters, "
                                    "digits, _ and -, not \"{}\"",
                                    *id));
  return "";
}

void ParseAbout(yaml::Section& section, ParseContext& context, Rule* rule) {
  rule->name = {rule->id, rule->id};
  if (auto name = section.Take("name")) {
    if (auto text = yaml::AsLocalized(*name, context.d, "name")) {
      rule->name = *text;
    }
  }
  if (auto aim = section.Take("aim")) {
    if (yaml::CheckKnown(*aim, context.d, "aim", Aims())) {
      rule->aim = aim->text();
    }
  }
  if (auto node = section.Take("class")) {
    yaml::CheckKnown(*node, context.d, "class", {"marketing", "transactional"});
    rule->marketing = node->text() != "transactional";
  }
  rule->enabled = section.GetBool("enabled", true);
  if (auto priority = section.Take("priority")) {
    rule->priority = priority->AsNumber(context.d, "priority").value_or(0);
  }
}

void ParseWho(yaml::Section& section, ParseContext& context, Rule* rule) {
  if (auto when = section.Require("when")) {
    rule->when = ParseCondition(*when, context.vocabulary, context.d, "when");
  }
  auto topic = section.Take("topic");
  if (!topic) return;
  if (context.settings.consent.topics.empty()) {
    context.d.Error(topic->position(),
                    fmt::format("unknown topic \"{}\"; no topics are "
                                "configured: add them as `consent: {{topics: "
                                "[...]}}`",
                                topic->text()));
  } else if (yaml::CheckKnown(*topic, context.d, "topic",
                              context.settings.consent.topics)) {
    rule->topic = topic->text();
  }
}

std::vector<std::string> ParseChannels(const yaml::Node& node,
                                       ParseContext& context) {
  std::vector<std::string> channels;
  for (const yaml::Node& item : node.AsOneOrMany(context.d, "channel")) {
    if (!yaml::CheckKnown(item, context.d, "channel", context.ChannelIds())) {
      continue;
    }
    if (std::find(channels.begin(), channels.end(), item.text()) !=
        channels.end()) {
      context.d.Error(item.position(), fmt::format("channel \"{}\" stands "
                                                   "twice",
                                                   item.text()));
      continue;
    }
    channels.push_back(item.text());
  }
  if (channels.size() > kMostChannels) {
    context.d.Error(node.position(),
                    fmt::format("a rule may name {} channels, not {}",
                                kMostChannels, channels.size()));
    channels.resize(kMostChannels);
  }
  return channels;
}

void ParseSend(yaml::Section& section, ParseContext& context, Rule* rule) {
  auto node = section.Require("send");
  if (!node) return;
  yaml::Section send(*node, context.d, "send");
  if (auto channel = send.Require("channel")) {
    rule->channels = ParseChannels(*channel, context);
  }
  if (auto id = send.Require("template")) {
    CheckTemplate(*id, rule->channels, context);
    rule->template_id = id->text();
  }
  send.Finish();
}

void ParseTiming(yaml::Section& section, ParseContext& context, Rule* rule) {
  if (auto node = section.Require("schedule")) {
    if (auto text = node->AsString(context.d, "schedule")) {
      rule->schedule_text = *text;
      auto schedule = Schedule::Parse(*text);
      if (schedule) {
        rule->schedule = *schedule;
      } else {
        context.d.Error(node->position(), schedule.error().message);
      }
    }
  }
  rule->max_late = section.GetDuration("max_late", rule->max_late);
  rule->limits = ParseLimits(section);
  ParseWindow(section, context.settings, rule);
}

void ParseGoal(yaml::Section& section, ParseContext& context, Rule* rule) {
  auto node = section.Take("goal");
  if (!node) return;
  yaml::Section keys(*node, context.d, "goal");
  auto behavior = keys.Require("behavior");
  auto within = keys.Require("within");
  keys.Finish();
  if (!behavior || !within) return;
  auto duration = within->AsDuration(context.d, "within");
  auto index = context.vocabulary.behaviors->Find(behavior->text());
  if (!index) {
    yaml::CheckKnown(*behavior, context.d, "behavior",
                     context.vocabulary.behaviors->names());
    return;
  }
  if (duration) rule->goal = Goal{*index, behavior->text(), *duration};
}

Variant ParseVariant(const yaml::Node& node, const Rule& rule,
                     ParseContext& context) {
  Variant variant{.template_id = rule.template_id};
  yaml::Section section(node, context.d, "a variant");
  if (auto id = section.Require("id")) {
    variant.id = id->AsString(context.d, "id").value_or("");
    if (id->IsScalar() && variant.id.empty()) {
      context.d.Error(id->position(), "the id of a variant must not be empty");
    }
  }
  if (auto weight = section.Require("weight")) {
    variant.weight = weight->AsShare(context.d, "weight").value_or(0);
  }
  if (auto id = section.Take("template")) {
    CheckTemplate(*id, rule.channels, context);
    variant.template_id = id->text();
  }
  section.Finish();
  return variant;
}

// Keys that a transactional rule is exempt from would promise what is not kept.
void WarnOfExemptions(const yaml::Section& section, const Rule& rule,
                      yaml::Diagnostics& d) {
  if (rule.marketing) return;
  for (const auto& [key, value] : section.node().Entries()) {
    if (key.text() != "window" && key.text() != "hold_out") continue;
    d.Warning(
        key.position(),
        fmt::format("{} has no effect on a transactional rule", key.text()));
  }
}

// The segments that the condition names, and those that these name.
void CollectSegments(const Condition& condition, const EngineSettings& settings,
                     std::set<size_t>* segments) {
  ConditionUses uses;
  condition.Collect(&uses);
  for (size_t segment : uses.segments) {
    if (!segments->insert(segment).second) continue;
    const auto& named = settings.segments[segment].condition;
    if (named) CollectSegments(*named, settings, segments);
  }
}

// The rule's text, its templates' and its segments'.
std::string VersionOf(const yaml::Node& node, const Rule& rule,
                      const ParseContext& context) {
  std::vector<std::string> ids = {rule.template_id};
  for (const Variant& variant : rule.variants) {
    ids.push_back(variant.template_id);
  }
  std::string texts;
  for (const std::string& id : ids) {
    auto found = context.templates.find(id);
    if (found != context.templates.end()) texts += found->second.yaml;
  }
  std::set<size_t> segments;
  if (rule.when) CollectSegments(*rule.when, context.settings, &segments);
  std::set<std::string> names;  // in whatever order the files have them
  for (size_t segment : segments) {
    names.insert(context.settings.segments[segment].name);
  }
  for (const std::string& name : names) {
    const auto found = context.segment_yaml.find(name);
    if (found != context.segment_yaml.end()) texts += name + found->second;
  }
  return StableId({CanonicalText(node), texts});
}

}  // namespace

double ParseHoldOut(const yaml::Node& node, yaml::Diagnostics& d) {
  auto share = node.AsShare(d, "hold_out");
  if (!share) return 0;
  if (*share < 1) return *share;
  d.Error(node.position(),
          "a hold_out of 100% would reach nobody; it must be under 100%");
  return 0;
}

std::vector<Variant> ParseVariants(yaml::Section& rule, const Rule& parsed,
                                   ParseContext& context) {
  std::vector<Variant> variants;
  auto node = rule.Take("variants");
  if (!node) return variants;
  if (!node->IsList() || node->Items().empty()) {
    context.d.Error(node->position(),
                    "variants must be a list, like [{id: a, weight: 50%}, "
                    "{id: b, weight: 50%, template: other}]");
    return variants;
  }
  double total = 0;
  int errors_before = context.d.errors();
  for (const yaml::Node& item : node->Items()) {
    Variant variant = ParseVariant(item, parsed, context);
    for (const Variant& other : variants) {
      if (other.id != variant.id || variant.id.empty()) continue;
      context.d.Error(item.position(), fmt::format("variant \"{}\" stands "
                                                   "twice",
                                                   variant.id));
    }
    total += variant.weight;
    variants.push_back(std::move(variant));
  }
  if (std::abs(total - 1) > 1e-9 && context.d.errors() == errors_before) {
    context.d.Error(
        node->position(),
        fmt::format("the weights of the variants add up to {:.6g}%, "
                    "not 100%",
                    total * 100));
  }
  return variants;
}

std::optional<Rule> ParseRule(const yaml::Node& node, ParseContext& context) {
  yaml::Section section(node, context.d, "a rule");
  if (!section.valid()) return std::nullopt;
  Rule rule;
  rule.at = node.position();
  rule.id = ParseId(section);
  ParseAbout(section, context, &rule);
  ParseWho(section, context, &rule);
  ParseSend(section, context, &rule);
  ParseTiming(section, context, &rule);
  if (auto share = section.Take("hold_out")) {
    rule.hold_out = ParseHoldOut(*share, context.d);
  }
  rule.variants = ParseVariants(section, rule, context);
  ParseGoal(section, context, &rule);
  ParseOversight(section, context, &rule);
  WarnOfExemptions(section, rule, context.d);
  section.Finish();
  rule.version = VersionOf(node, rule, context);
  if (rule.id.empty()) return std::nullopt;
  return rule;
}

}  // namespace rekindle
