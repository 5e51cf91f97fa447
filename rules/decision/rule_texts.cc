#include "rules/decision/rule_texts.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace rekindle {
namespace {

// The templates a rule may send, each once.
std::vector<const MessageTemplate*> TemplatesOf(const Rule& rule,
                                                const RuleSet& rules) {
  std::vector<std::string> ids;
  for (const Variant& variant : rule.variants) {
    ids.push_back(variant.template_id);
  }
  if (ids.empty()) ids.push_back(rule.template_id);
  std::vector<const MessageTemplate*> templates;
  for (const std::string& id : ids) {
    const MessageTemplate* found = &rules.templates.at(id);
    if (std::find(templates.begin(), templates.end(), found) ==
        templates.end()) {
      templates.push_back(found);
    }
  }
  return templates;
}

std::vector<std::string> VariablesOf(
    const std::vector<const MessageTemplate*>& templates) {
  std::vector<std::string> names;
  for (const MessageTemplate* message : templates) {
    for (std::string& name : message->Variables()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

// Renders each part of the message in each of the channels and hands it to
// f(channel, part, text); ends with the name of the first missing variable.
template <class F>
std::optional<std::string> RenderParts(const MessageTemplate& message,
                                       const Rule& rule, ChannelSet channels,
                                       std::string_view language,
                                       const VariableLookup& lookup, F&& f) {
  std::optional<std::string> missing;
  channels.ForEach([&](size_t i) {
    const auto found = message.channels.find(rule.channels[i]);
    if (missing || found == message.channels.end()) return;
    for (const TemplatePart& part : found->second) {
      const TemplateText& text = language == "en" ? part.en : part.zh;
      auto rendered = text.Render(lookup, part.escaping);
      if (!rendered) {
        missing = rendered.error().message;
        return;
      }
      f(i, part, *std::move(rendered));
    }
  });
  return missing;
}

}  // namespace

RuleTexts::RuleTexts(const Rule& rule, const RuleSet& rules,
                     const Snapshot& facts, const UserSet& users,
                     TouchLinks links)
    : rule_(rule),
      rules_(rules),
      facts_(facts),
      templates_(TemplatesOf(rule, rules)),
      plain_(VariablesOf(templates_).empty()),
      variables_(facts, VariablesOf(templates_), users),
      links_(std::move(links)) {}

VariableLookup RuleTexts::LookupFor(UserNumber user,
                                    std::string_view language) const {
  return [this, user, language](std::string_view name) {
    if (name == kUnsubscribeUrl) {
      if (auto url = links_.UnsubscribeUrl(user, language)) return url;
    }
    return variables_.ValueOf(user, name, language);
  };
}

std::optional<std::string> RuleTexts::MissingVariable(
    UserNumber user, ChannelSet channels) const {
  if (plain_) return std::nullopt;
  const std::string_view language = LanguageOf(facts_, user);
  const VariableLookup lookup = LookupFor(user, language);
  for (const MessageTemplate* message : templates_) {
    auto missing =
        RenderParts(*message, rule_, channels, language, lookup,
                    [](size_t, const TemplatePart&, std::string&&) {});
    if (missing) return missing;
  }
  return std::nullopt;
}

RuleTexts::Contents RuleTexts::Render(UserNumber user,
                                      const MessageTemplate& message,
                                      ChannelSet channels,
                                      std::string_view language) const {
  Contents contents;
  channels.ForEach([&](size_t i) {
    if (message.channels.contains(rule_.channels[i])) {
      contents.push_back({.channel = rule_.channels[i]});
    }
  });
  const VariableLookup lookup = LookupFor(user, language);
  auto content = contents.begin();
  const auto missing =
      RenderParts(message, rule_, channels, language, lookup,
                  [&](size_t i, const TemplatePart& part, std::string&& text) {
                    while (content->channel != rule_.channels[i]) ++content;
                    content->parts.emplace_back(part.key, std::move(text));
                  });
  if (missing) throw std::logic_error("missing variable " + *missing);
  return contents;
}

void RuleTexts::Fill(const Candidate& candidate, Touch* touch) {
  touch->contents.clear();
  touch->shared_contents.reset();
  touch->links.clear();
  const bool held_out = candidate.decision == Decision::kHoldOut;
  if (!held_out && (!plain_ || links_.MakeTextsUnique())) {
    const std::string_view language = LanguageOf(facts_, candidate.user);
    touch->contents = Render(candidate.user,
                             rules_.templates.at(TemplateOf(rule_, candidate)),
                             candidate.channels, language);
    links_.AddTo(touch, language);
    return;
  }
  const MessageTemplate* message =
      held_out ? nullptr : &rules_.templates.at(TemplateOf(rule_, candidate));
  const bool english = !held_out && LanguageOf(facts_, candidate.user) == "en";
  auto& shared = shared_[{message, candidate.channels, english}];
  if (!shared) {
    Contents contents;
    if (held_out) {
      for (std::string& name : candidate.channels.Names(rule_)) {
        contents.push_back({.channel = std::move(name)});
      }
    } else {
      contents = Render(candidate.user, *message, candidate.channels,
                        english ? "en" : "zh");
    }
    shared = std::make_shared<const Contents>(std::move(contents));
  }
  touch->shared_contents = shared;
}

}  // namespace rekindle
