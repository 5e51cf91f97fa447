#include "tests/unit/rules/rule_fixture.h"

#include <algorithm>

#include "config/yaml/document.h"
#include "engine/settings/settings_parser.h"

namespace rekindle::testing {

std::vector<ChannelFacts> TestChannels() {
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

Loaded Load(const std::vector<std::string>& files, const std::string& main_text,
            std::vector<ChannelFacts> channels) {
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

std::string Headlines(const std::string& messages) {
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
