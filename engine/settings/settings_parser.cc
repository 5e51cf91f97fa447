#include "engine/settings/settings_parser.h"

#include <fmt/format.h>

#include "config/base/byte_size.h"
#include "config/yaml/names.h"
#include "engine/conditions/condition.h"
#include "engine/settings/sections.h"

namespace rekindle {
namespace {

Calendar ParseTimeZone(yaml::Section& main,
                       std::vector<yaml::Section>& included,
                       yaml::Diagnostics& d) {
  for (yaml::Section& section : included) {
    if (const auto node = section.Take("time_zone")) {
      d.Error(node->position(), "\"time_zone\" belongs in the main file");
    }
  }
  const auto node = main.Take("time_zone");
  if (!node) return Calendar::Utc();
  const auto name = node->AsString(d, "time_zone");
  if (!name) return Calendar::Utc();
  auto calendar = Calendar::Load(*name);
  if (calendar) return *std::move(calendar);
  d.Error(node->position(), calendar.error().message);
  return Calendar::Utc();
}

std::optional<double> ParseTargets(const std::optional<yaml::Node>& node,
                                   yaml::Diagnostics& d) {
  if (!node) return std::nullopt;
  yaml::Section section(*node, d, "targets");
  const auto rate = section.Take("active_rate");
  section.Finish();
  return rate ? rate->AsShare(d, "active_rate") : std::nullopt;
}

ConsentSettings ParseConsent(const std::optional<yaml::Node>& node,
                             yaml::Diagnostics& d) {
  ConsentSettings settings;
  if (!node) return settings;
  yaml::Section section(*node, d, "consent");
  if (const auto topics = section.Take("topics")) {
    NameBook names("topic");
    for (const yaml::Node& topic : topics->AsOneOrMany(d, "topics")) {
      if (names.Add(topic, d)) settings.topics.push_back(topic.text());
    }
  }
  if (const auto otherwise = section.Take("default")) {
    yaml::CheckKnown(*otherwise, d, "default", {"granted", "refused"});
    settings.granted_by_default = otherwise->text() != "refused";
  }
  section.Finish();
  return settings;
}

std::optional<int64_t> ParseMaxSize(const yaml::Node& node,
                                    yaml::Diagnostics& d) {
  const auto bytes = ParseByteSize(node.text());
  if (bytes && *bytes > 0) return *bytes;
  d.Error(node.position(),
          bytes ? "max_size must be more than nothing"
                : fmt::format("max_size: {}", bytes.error().message));
  return std::nullopt;
}

std::optional<Duration> ParseRawEvents(const yaml::Node& node,
                                       yaml::Diagnostics& d) {
  const auto duration = node.AsDuration(d, "raw_events");
  if (duration && duration->rolls()) {
    d.Error(node.position(),
            fmt::format("raw_events are kept for days, weeks or months, not "
                        "\"{}\"",
                        node.text()));
    return std::nullopt;
  }
  return duration;
}

void ParseRetention(const std::optional<yaml::Node>& node, yaml::Diagnostics& d,
                    EngineSettings* settings) {
  if (!node) return;
  yaml::Section section(*node, d, "retention");
  if (const auto events = section.Take("raw_events")) {
    settings->retain_raw_events = ParseRawEvents(*events, d);
  }
  if (const auto size = section.Take("max_size")) {
    settings->retain_bytes = ParseMaxSize(*size, d);
  }
  section.Finish();
}

// Rules and channels are read by those who own them; here only their names are
// wanted, and what else is wrong with them is theirs to say.
std::vector<std::string> RuleIds(const Sections& sections) {
  std::vector<std::string> ids;
  for (const yaml::Section* section : sections) {
    for (const auto& [key, rules] : section->node().Entries()) {
      if (key.text() != "rules") continue;
      for (const yaml::Node& rule : rules.Items()) {
        for (const auto& [name, value] : rule.Entries()) {
          if (name.text() == "id") ids.push_back(value.text());
        }
      }
    }
  }
  return ids;
}

std::vector<std::string> ChannelIds(const Sections& sections) {
  std::vector<std::string> ids;
  for (const yaml::Section* section : sections) {
    for (const auto& [key, channels] : section->node().Entries()) {
      if (key.text() != "channels") continue;
      for (const auto& [id, channel] : channels.Entries()) {
        ids.push_back(id.text());
      }
    }
  }
  return ids;
}

}  // namespace

// Names come before the conditions that use them: behaviors, then the names of
// substates and labels, then those of segments, then all conditions.
EngineSettings ParseEngineSettings(yaml::Section& main,
                                   std::vector<yaml::Section>& included,
                                   yaml::Diagnostics& d) {
  Sections sections = {&main};
  for (yaml::Section& section : included) sections.push_back(&section);

  EngineSettings settings;
  settings.calendar = ParseTimeZone(main, included, d);
  settings.behaviors = BehaviorSet::Parse(TakeAll(sections, "behaviors"),
                                          TakeOnce(sections, "activity", d), d,
                                          settings.calendar);
  LifecycleParser lifecycle(TakeOnce(sections, "lifecycle", d), d,
                            &settings.lifecycle);
  settings.preferences =
      ParsePreferences(TakeAll(sections, "preferences"), settings.behaviors, d);
  SegmentParser segments(TakeAll(sections, "segments"), d, &settings.segments);

  // What conditions may name, and how far back they can read.
  settings.rule_ids = RuleIds(sections);
  settings.channel_ids = ChannelIds(sections);
  ParseRetention(TakeOnce(sections, "retention", d), d, &settings);
  const Vocabulary vocabulary = VocabularyOf(settings);
  segments.ParseConditions(vocabulary);
  lifecycle.ParseConditions(vocabulary, settings.segments);

  settings.target_active_rate =
      ParseTargets(TakeOnce(sections, "targets", d), d);
  settings.consent = ParseConsent(TakeOnce(sections, "consent", d), d);
  settings.notes = ParseCalendarNotes(TakeAll(sections, "calendar"), d);
  settings.links = ParseLinks(TakeOnce(sections, "links", d), d);
  return settings;
}

}  // namespace rekindle
