// Reads rules as the loader does, beside a fixed set of names to refer to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/yaml/document.h"
#include "engine/settings.h"
#include "rules/rule.h"

namespace rekindle::testing {

inline constexpr char kSettings[] = R"yaml(
time_zone: Asia/Shanghai
behaviors:
  app_open: {event: app_open}
  trip: {event: trip_completed}
  order: {event: order_paid}
activity: app_open
preferences:
  labels:
    car_control: {behavior: trip, name: {zh: 控车, en: Remote control}}
    shop: {behavior: order}
segments:
  drivers: {did: {behavior: trip, within: 30 days}}
consent: {topics: [offers, service]}
)yaml";

inline constexpr char kTemplates[] = R"yaml(
templates:
  hello:
    push: {title: "Hi {{nickname}}"}
    mail: {subject: {zh: 你好, en: Hello}, text: "{{nickname}}"}
    list: {phone: "{{phone}}"}
  other:
    push: {title: "Other"}
)yaml";

inline std::vector<ChannelFacts> TestChannels() {
  return {{.id = "push",
           .type = "webhook",
           .address_field = "push_token",
           .required_parts = {"title"},
           .optional_parts = {"body", "url"}},
          {.id = "mail",
           .type = "smtp",
           .address_field = "email",
           .required_parts = {"subject", "text"},
           .optional_parts = {"html"}},
          {.id = "list", .type = "file", .any_parts = true}};
}

struct Loaded {
  std::shared_ptr<EngineSettings> settings;
  std::shared_ptr<RuleSet> rules;
  std::string messages;  // as shown, source lines and carets included
  bool ok = false;
};

// Each text is a file: a.yaml, b.yaml, ...
inline Loaded Load(const std::vector<std::string>& files,
                   const std::string& main_text = kSettings,
                   std::vector<ChannelFacts> channels = TestChannels()) {
  Loaded loaded;
  yaml::Diagnostics d;
  auto main = yaml::Parse("rekindle.yaml", main_text, d);
  std::vector<yaml::Node> nodes;
  for (size_t i = 0; i < files.size(); ++i) {
    std::string name(1, static_cast<char>('a' + i));
    if (auto node = yaml::Parse(name + ".yaml", files[i], d)) {
      nodes.push_back(*node);
    }
  }
  if (main && nodes.size() == files.size()) {
    yaml::Section section(*main, d, "the configuration");
    std::vector<yaml::Section> included;
    for (const yaml::Node& node : nodes) {
      included.emplace_back(node, d, "the configuration");
    }
    std::vector<yaml::Section*> sections = {&section};
    for (yaml::Section& s : included) sections.push_back(&s);
    loaded.settings = std::make_shared<EngineSettings>(
        ParseEngineSettings(section, included, d));
    loaded.rules = std::make_shared<RuleSet>(
        ParseRules(sections, VocabularyOf(*loaded.settings), channels,
                   *loaded.settings, d));
    for (yaml::Section* s : sections) s->Finish();
  }
  loaded.ok = d.ok();
  loaded.messages = d.Render();
  return loaded;
}

// The messages without the source lines and carets: "a.yaml:4:11: error: ...",
// one a line.
inline std::string Headlines(const std::string& messages) {
  std::string headlines;
  size_t at = 0;
  while (at < messages.size()) {
    size_t end = std::min(messages.find('\n', at), messages.size());
    std::string line = messages.substr(at, end - at);
    if (line.find(".yaml:") != std::string::npos) headlines += line + "\n";
    at = end + 1;
  }
  return headlines;
}

}  // namespace rekindle::testing
