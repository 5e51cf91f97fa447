// What the parsers of rules and templates share. Internal to ParseRules.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/definition/rule.h"

namespace rekindle {

// A template with the YAML it was read from, for the versions of its rules.
struct ParsedTemplate {
  MessageTemplate message;
  std::string yaml;
};

struct ParseContext {
  const Vocabulary& vocabulary;
  const std::vector<ChannelFacts>& channels;
  const EngineSettings& settings;
  yaml::Diagnostics& d;
  std::map<std::string, ParsedTemplate> templates;  // those read so far
  // The conditions of segments, for the versions of rules that name them.
  std::map<std::string, std::string> segment_yaml;
  // The defaults of rules that say nothing of their own.
  bool approval_required = false;
  std::vector<Notify> notify;

  std::vector<std::string> ChannelIds() const;
  const ChannelFacts* FindChannel(std::string_view id) const;
};

// The value as text, without comments, quotes and layout.
std::string CanonicalText(const yaml::Node& node);

// Reads one entry of `templates`. Texts that do not parse and names that are
// not known go to the diagnostics.
ParsedTemplate ParseTemplate(const yaml::Node& id, const yaml::Node& node,
                             ParseContext& context);

// Reads one item of `rules`; all templates must be in the context. Nothing
// where it is no map or has no id.
std::optional<Rule> ParseRule(const yaml::Node& node, ParseContext& context);

// The parts of a rule, each taking its own keys.
Limits ParseLimits(yaml::Section& rule);
// `window` and `wait`.
void ParseWindow(yaml::Section& section, const EngineSettings& settings,
                 Rule* rule);
// `expect`, `notify` and `approval`.
void ParseOversight(yaml::Section& section, ParseContext& context, Rule* rule);
std::vector<Variant> ParseVariants(yaml::Section& rule, const Rule& parsed,
                                   ParseContext& context);
// A share that leaves somebody over: 0 % to under 100 %.
double ParseHoldOut(const yaml::Node& node, yaml::Diagnostics& d);
// The global sections.
std::vector<Cap> ParseCaps(const yaml::Node& node, ParseContext& context);
std::vector<Notify> ParseNotify(const yaml::Node& node, ParseContext& context);
// `required` or `none`.
bool ParseApproval(const yaml::Node& node, yaml::Diagnostics& d);
// Refuses a count of 0, which would silently stop everything, and says
// `remedy`. True where it did.
bool RefuseZero(const yaml::Node& node, std::string_view what,
                std::string_view remedy, yaml::Diagnostics& d);
// Reports a template that is unknown or lacks a part for a channel.
void CheckTemplate(const yaml::Node& id,
                   const std::vector<std::string>& channels,
                   ParseContext& context);

}  // namespace rekindle
