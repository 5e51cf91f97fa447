// Reads rules as the loader does, beside a fixed set of names to refer to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/model/settings.h"
#include "rules/definition/rule.h"

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

// A webhook "push", an smtp "mail" and a file "list".
std::vector<ChannelFacts> TestChannels();

struct Loaded {
  std::shared_ptr<EngineSettings> settings;
  std::shared_ptr<RuleSet> rules;
  std::string messages;  // as shown, source lines and carets included
  bool ok = false;
};

// Each text is a file: a.yaml, b.yaml, ...
Loaded Load(const std::vector<std::string>& files,
            const std::string& main_text = kSettings,
            std::vector<ChannelFacts> channels = TestChannels());

// The messages without the source lines and carets: "a.yaml:4:11: error: ...",
// one a line.
std::string Headlines(const std::string& messages);

// A line of a file, and what is said of it.
struct LineCase {
  const char* line;
  const char* message;  // "" where it is fine
};

}  // namespace rekindle::testing
