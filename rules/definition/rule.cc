#include "rules/definition/rule.h"

#include <algorithm>

namespace rekindle {

std::vector<std::string> MessageTemplate::Variables() const {
  std::vector<std::string> names;
  auto add = [&](const TemplateText& text) {
    for (std::string& name : text.Variables()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
  };
  for (const auto& [channel, parts] : channels) {
    for (const TemplatePart& part : parts) {
      add(part.zh);
      add(part.en);
    }
  }
  return names;
}

bool Notify::UsersTrigger::Holds(int64_t users) const {
  if (comparison == ">=") return users >= bound;
  if (comparison == ">") return users > bound;
  if (comparison == "<=") return users <= bound;
  return users < bound;
}

bool Notify::Asks(std::string_view cause) const {
  return std::find(causes.begin(), causes.end(), cause) != causes.end();
}

const Rule* RuleSet::Find(std::string_view id) const {
  auto found = std::find_if(rules.begin(), rules.end(),
                            [&](const Rule& rule) { return rule.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace rekindle
