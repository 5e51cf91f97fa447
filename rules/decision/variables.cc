#include "rules/decision/variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/base/words.h"
#include "engine/as_of/raw_events.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

using Kind = VariableName::Kind;

std::optional<std::string> Present(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

const std::string& TitleOf(const Label& label, std::string_view language) {
  const std::string& title = label.title.In(language);
  return title.empty() ? label.name : title;
}

}  // namespace

std::string_view LanguageOf(const Snapshot& facts, UserNumber user) {
  std::string language =
      ValueText(facts.users().ProfileValue(user, "language"));
  return language.starts_with("en") || language.starts_with("EN") ? "en" : "zh";
}

Variables::Variables(const Snapshot& facts,
                     const std::vector<std::string>& names,
                     const UserSet& users)
    : facts_(facts) {
  const EngineSettings& settings = facts.settings();
  for (const std::string& name : names) {
    auto variable = ParseVariable(name, settings.behaviors);
    if (!variable) continue;
    names_.emplace(name, *variable);
    if (variable->kind == Kind::kLast) last_[variable->behavior];
    if (variable->kind != Kind::kCount) continue;
    Count& count = counts_[name];
    count.behavior = variable->behavior;
    if (!variable->within) continue;
    const DayRange days =
        DaysBack(*variable->within, facts.today(), settings.lifecycle.period);
    count.from = settings.calendar.StartOf(days.first);
  }
  Read(users);
}

std::optional<Instant> Variables::ReadFrom() const {
  if (!last_.empty()) return Instant::min();
  std::optional<Instant> from;
  for (const auto& [name, count] : counts_) {
    from = std::min(from.value_or(count.from), count.from);
  }
  return from;
}

void Variables::Read(const UserSet& users) {
  const auto from = ReadFrom();
  if (!from) return;
  const UserDirectory& directory = facts_.users();
  ReadEvents(facts_.journal(), facts_.settings().calendar, *from,
             facts_.as_of(), [&](const StoredEvent& event, Instant at) {
               const UserNumber user = directory.Resolve(event.user);
               if (users.Contains(user)) Note(event, at, user);
             });
}

void Variables::Note(const StoredEvent& event, Instant at, UserNumber user) {
  const BehaviorSet& behaviors = facts_.settings().behaviors;
  auto matches = [&](BehaviorIndex behavior) {
    return behaviors.Matches(behavior, event.name, event.properties);
  };
  for (auto& [behavior, users] : last_) {
    if (!matches(behavior)) continue;
    auto [entry, added] = users.try_emplace(user);
    if (!added && entry->second.at > at) continue;
    entry->second = {at, std::string(event.properties)};
  }
  for (auto& [name, count] : counts_) {
    if (!matches(count.behavior)) continue;
    if (at >= count.from) ++count.events[user];
  }
}

std::optional<std::string> Variables::ValueOf(UserNumber user,
                                              std::string_view name,
                                              std::string_view language) const {
  auto found = names_.find(name);
  if (found == names_.end()) return std::nullopt;
  const VariableName& variable = found->second;
  if (variable.kind == Kind::kLast) {
    const auto& users = last_.at(variable.behavior);
    auto event = users.find(user);
    if (event == users.end()) return std::nullopt;
    return Present(
        ValueText(PropertyOf(event->second.properties, variable.key)));
  }
  if (variable.kind == Kind::kCount) {
    const Count& count = counts_.find(name)->second;
    auto events = count.events.find(user);
    return std::to_string(events == count.events.end() ? 0 : events->second);
  }
  return FromFacts(variable, user, language);
}

std::optional<std::string> Variables::FromFacts(
    const VariableName& variable, UserNumber user,
    std::string_view language) const {
  const PreferenceSettings& preferences = facts_.settings().preferences;
  switch (variable.kind) {
    case Kind::kUserId:
      return std::string(facts_.users().IdOf(user));
    case Kind::kState:
      return Present(std::string(StateName(facts_.StateOf(user))));
    case Kind::kSubstate:
      return Present(facts_.SubstateOf(user));
    case Kind::kCreatedAt:
      return FormatDay(facts_.RegisteredOn(user));
    case Kind::kLastActiveDay:
      return FormatDay(facts_.LastActiveDay(user));
    case Kind::kInactiveDays:
      return std::to_string(ToNumber(facts_.today()) -
                            ToNumber(facts_.LastActiveDay(user)));
    case Kind::kTopPreference: {
      auto top = facts_.TopLabelOf(user);
      if (!top) return std::nullopt;
      return TitleOf(preferences.labels[*top], language);
    }
    case Kind::kLabels:
      return Present(Labels(user, language));
    default:
      return Present(
          ValueText(facts_.users().ProfileValue(user, variable.key)));
  }
}

std::string Variables::Labels(UserNumber user,
                              std::string_view language) const {
  std::vector<std::string> titles;
  for (const LabelShare& share : facts_.LabelsOf(user)) {
    if (!share.labeled) continue;
    titles.push_back(
        TitleOf(facts_.settings().preferences.labels[share.label], language));
  }
  return Join(titles, language == "zh" ? "、" : ", ");
}

}  // namespace rekindle
