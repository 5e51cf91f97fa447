// Templates: parts by channel, each a text in one or two languages.
#include <fmt/format.h>

#include <algorithm>

#include "config/base/words.h"
#include "config/yaml/names.h"
#include "config/yaml/text_position.h"
#include "engine/links/tracking.h"
#include "rules/definition/parse_context.h"
#include "rules/definition/variable_name.h"

namespace rekindle {
namespace {

// By what the part is: HTML and addresses have a syntax that values must not
// break.
Escaping EscapingOf(std::string_view part) {
  if (part == "html") return Escaping::kHtml;
  if (part == "url") return Escaping::kUrl;
  return Escaping::kNone;
}

// Where the text first names the variable.
size_t FindVariable(std::string_view text, std::string_view name) {
  for (size_t at = text.find("{{"); at != std::string_view::npos;
       at = text.find("{{", at)) {
    at += 2;
    if (text.substr(at).starts_with("{{")) {  // literal braces
      at += 2;
      continue;
    }
    size_t start = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    size_t end = std::min(text.find_first_of(" \t\r\n|}", start), text.size());
    if (text.substr(start, end - start) == name) return start;
  }
  return 0;
}

void CheckVariables(const yaml::Node& node, const TemplateText& text,
                    ParseContext& context) {
  for (const std::string& name : text.Variables()) {
    if (name == kUnsubscribeUrl && !context.settings.links) {
      context.d.Error(PositionInText(node, FindVariable(node.text(), name)),
                      "unsubscribe_url needs the section links");
      continue;
    }
    auto variable = ParseVariable(name, context.settings.behaviors);
    if (variable) continue;
    context.d.Error(PositionInText(node, FindVariable(node.text(), name)),
                    variable.error().message);
  }
}

TemplateText ParseText(const yaml::Node& node, std::string_view what,
                       ParseContext& context) {
  auto source = node.AsString(context.d, what);
  if (!source) return {};
  size_t error_offset = 0;
  auto text = TemplateText::Parse(*source, &error_offset);
  if (!text) {
    context.d.Error(PositionInText(node, error_offset), text.error().message);
    return {};
  }
  CheckVariables(node, *text, context);
  return *text;
}

// The ":" and "/" of a whole address would be percent-encoded with it.
void WarnOfWholeAddress(const yaml::Node& node, ParseContext& context) {
  const std::string_view text = node.text();
  const size_t begin = text.find("{{");
  if (begin == std::string_view::npos || !Trim(text.substr(0, begin)).empty() ||
      text.substr(begin + 2).starts_with("{{")) {
    return;
  }
  context.d.Warning(
      PositionInText(node, begin),
      "values are percent-encoded in a url, so that one cannot be a whole "
      "address; write what it begins with, like https://app.example/{{page}}");
}

TemplatePart ParsePart(const yaml::Node& key, const yaml::Node& node,
                       ParseContext& context) {
  TemplatePart part{.key = key.text(), .escaping = EscapingOf(key.text())};
  if (!node.IsMap()) {
    part.zh = part.en = ParseText(node, part.key, context);
    if (part.escaping == Escaping::kUrl) WarnOfWholeAddress(node, context);
    return part;
  }
  yaml::Section languages(node, context.d, part.key);
  const auto parse = [&](std::string_view language) -> TemplateText {
    const auto text = languages.Require(language);
    if (!text) return {};
    if (part.escaping == Escaping::kUrl) WarnOfWholeAddress(*text, context);
    return ParseText(*text, fmt::format("{} {}", part.key, language), context);
  };
  part.zh = parse("zh");
  part.en = parse("en");
  languages.Finish();
  return part;
}

// The parts of one channel; unknown and missing ones are reported.
std::vector<TemplatePart> ParseParts(const yaml::Node& node,
                                     const ChannelFacts& channel,
                                     std::string_view template_id,
                                     ParseContext& context) {
  std::vector<TemplatePart> parts;
  if (!node.IsMap()) {
    context.d.Error(
        node.position(),
        fmt::format("the parts of template \"{}\" for channel \"{}\" must be a "
                    "map, not {}",
                    template_id, channel.id, node.KindName()));
    return parts;
  }
  std::vector<std::string> known = channel.required_parts;
  known.insert(known.end(), channel.optional_parts.begin(),
               channel.optional_parts.end());
  for (const auto& [key, value] : node.Entries()) {
    const bool is_known =
        std::find(known.begin(), known.end(), key.text()) != known.end();
    if (!is_known && !channel.any_parts) {
      context.d.Error(
          key.position(),
          fmt::format("unknown part \"{}\" of {} channel \"{}\"{}", key.text(),
                      channel.type, channel.id, Suggestion(key.text(), known)));
      continue;
    }
    parts.push_back(ParsePart(key, value, context));
  }
  for (const std::string& required : channel.required_parts) {
    auto has = [&](const auto& entry) {
      return entry.first.text() == required && !entry.second.IsNull();
    };
    auto entries = node.Entries();
    if (std::any_of(entries.begin(), entries.end(), has)) continue;
    context.d.Error(
        node.position(),
        fmt::format("template \"{}\" needs \"{}\" for {} channel "
                    "\"{}\"",
                    template_id, required, channel.type, channel.id));
  }
  return parts;
}

}  // namespace

ParsedTemplate ParseTemplate(const yaml::Node& id, const yaml::Node& node,
                             ParseContext& context) {
  ParsedTemplate parsed;
  parsed.message.id = id.text();
  parsed.message.at = id.position();
  parsed.yaml = CanonicalText(node);
  if (!node.IsMap() || node.Entries().empty()) {
    context.d.Error(
        node.IsNull() ? id.position() : node.position(),
        fmt::format("template \"{}\" must be a map of channels "
                    "and their parts, not {}",
                    id.text(), node.IsMap() ? "empty" : node.KindName()));
    return parsed;
  }
  for (const auto& [key, value] : node.Entries()) {
    if (!yaml::CheckKnown(key, context.d, "channel", context.ChannelIds())) {
      continue;
    }
    parsed.message.channels[key.text()] =
        ParseParts(value, *context.FindChannel(key.text()), id.text(), context);
  }
  return parsed;
}

void CheckTemplate(const yaml::Node& id,
                   const std::vector<std::string>& channels,
                   ParseContext& context) {
  std::vector<std::string> known;
  for (const auto& [name, parsed] : context.templates) known.push_back(name);
  if (!yaml::CheckKnown(id, context.d, "template", known)) return;
  const MessageTemplate& message = context.templates.at(id.text()).message;
  for (const std::string& channel : channels) {
    if (message.channels.contains(channel)) continue;
    context.d.Error(
        id.position(),
        fmt::format("template \"{}\" ({}) has no part for channel \"{}\"",
                    message.id, PlaceText(message.at), channel));
  }
}

}  // namespace rekindle
