#include "engine/behavior/behavior.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "config/base/json_text.h"
#include "config/base/words.h"
#include "config/yaml/names.h"

namespace rekindle {
namespace {

constexpr std::string_view kAnyEvent = "activity";

// A JSON object's text, parsed once for several look-ups. The parser is the
// thread's own: one object at a time, and none kept across calls.
class JsonObject {
 public:
  explicit JsonObject(std::string_view text) {
    thread_local simdjson::dom::parser parser;
    if (text.empty()) return;
    const auto parse = [this](std::string_view json) {
      return !parser.parse(json.data(), json.size()).get(object_);
    };
    valid_ = parse(text) || parse(WithLongIntegersAsTexts(text));
  }

  Value Get(std::string_view name) const {
    simdjson::dom::element found;
    if (!valid_ || object_.at_key(name).get(found) != simdjson::SUCCESS) {
      return {};
    }
    switch (found.type()) {
      case simdjson::dom::element_type::STRING:
        return std::string(std::string_view(found));
      case simdjson::dom::element_type::BOOL:
        return bool(found);
      case simdjson::dom::element_type::DOUBLE:
        return double(found);
      case simdjson::dom::element_type::INT64:
        return Integer(int64_t(found));
      case simdjson::dom::element_type::UINT64:
        return Integer(uint64_t(found));
      default:
        return {};
    }
  }

 private:
  // Beyond what a double holds exactly it is an id: kept as its digits.
  template <class T>
  static Value Integer(T number) {
    const double rounded = static_cast<double>(number);
    if (std::abs(rounded) < 0x1p53) return rounded;
    return std::to_string(number);
  }

  simdjson::dom::object object_;
  bool valid_ = false;
};

// Two behaviors that mean the same have the same text, whatever the order they
// were written in. Lengths keep names with blanks or commas apart.
std::string DefinitionOf(const Behavior& behavior) {
  std::vector<std::string> events;
  for (const std::string& event : behavior.events) {
    events.push_back(fmt::format("{}:{}", event.size(), event));
  }
  std::sort(events.begin(), events.end());
  std::vector<std::string> filters;
  for (const auto& [property, test] : behavior.where) {
    filters.push_back(fmt::format("{}:{} {}", property.size(), property,
                                  test.Describe().English()));
  }
  std::sort(filters.begin(), filters.end());
  std::string text =
      events.empty() ? "any event" : "event " + Join(events, ",");
  if (!filters.empty()) text += " where " + Join(filters, "; ");
  return text;
}

std::vector<std::string> ParseEvents(const yaml::Node& node,
                                     yaml::Diagnostics& d) {
  std::vector<std::string> events = node.AsStrings(d, "event");
  std::sort(events.begin(), events.end());
  events.erase(std::unique(events.begin(), events.end()), events.end());
  if (!events.empty() && events.front().empty()) {
    d.Error(node.position(), "event must be the name of an event, not \"\"");
  }
  return events;
}

Behavior ParseBehavior(const yaml::Node& key, const yaml::Node& node,
                       yaml::Diagnostics& d, const Calendar& calendar) {
  Behavior behavior;
  behavior.name = key.text();
  yaml::Section section(node, d, fmt::format("behavior \"{}\"", behavior.name));
  const auto events = section.Take("event");
  const auto where = section.Take("where");
  if (events) behavior.events = ParseEvents(*events, d);
  if (where) behavior.where = ParsePropertyTests(*where, d, calendar);
  if (section.valid() && !events && !where) {
    d.Error(key.position(),
            fmt::format("behavior \"{}\" needs \"event\"", behavior.name));
  }
  section.Finish();
  behavior.definition = DefinitionOf(behavior);
  return behavior;
}

Behavior AnyEvent() {
  Behavior behavior;
  behavior.name = kAnyEvent;
  behavior.definition = DefinitionOf(behavior);
  return behavior;
}

}  // namespace

PropertyTests ParsePropertyTests(const yaml::Node& node, yaml::Diagnostics& d,
                                 const Calendar& calendar) {
  PropertyTests tests;
  if (!node.IsMap() || node.Entries().empty()) {
    d.Error(node.position(),
            "where must be a map of properties, like {amount: {gte: 500}}");
    return tests;
  }
  for (const auto& [property, value] : node.Entries()) {
    auto test = ValueTest::Parse(value, d, property.text(), calendar);
    if (test) tests.emplace_back(property.text(), *std::move(test));
  }
  return tests;
}

bool PropertiesPass(const PropertyTests& tests, std::string_view properties) {
  if (tests.empty()) return true;
  const JsonObject object(properties);
  return std::all_of(tests.begin(), tests.end(), [&](const auto& test) {
    return test.second.Holds(object.Get(test.first));
  });
}

BehaviorSet::BehaviorSet() {
  behaviors_.push_back(AnyEvent());
  BuildIndex();
}

BehaviorSet BehaviorSet::Parse(const std::vector<yaml::Node>& behaviors,
                               const std::optional<yaml::Node>& activity,
                               yaml::Diagnostics& d, const Calendar& calendar) {
  BehaviorSet set;
  set.behaviors_.clear();
  NameBook names("behavior");
  for (const yaml::Node& node : behaviors) {
    if (!node.IsMap()) {
      d.Error(node.position(),
              fmt::format("behaviors must be a map, not {}", node.KindName()));
      continue;
    }
    for (const auto& [key, value] : node.Entries()) {
      if (!names.Add(key, d)) continue;
      if (key.text() == kAnyEvent && !activity) {
        d.Error(key.position(),
                "the name \"activity\" means any event here; choose another, "
                "or set `activity: activity`");
        continue;
      }
      set.behaviors_.push_back(ParseBehavior(key, value, d, calendar));
      set.names_.push_back(key.text());
    }
  }
  set.Choose(activity, d);
  set.BuildIndex();
  return set;
}

void BehaviorSet::Choose(const std::optional<yaml::Node>& activity,
                         yaml::Diagnostics& d) {
  const auto chosen =
      !activity ? behaviors_.end()
                : std::find_if(behaviors_.begin(), behaviors_.end(),
                               [&](const Behavior& behavior) {
                                 return behavior.name == activity->text();
                               });
  if (chosen == behaviors_.end()) {
    if (activity && activity->AsString(d, "activity")) {
      yaml::CheckKnown(*activity, d, "behavior", names_);
    }
    behaviors_.insert(behaviors_.begin(), AnyEvent());
    return;
  }
  std::rotate(behaviors_.begin(), chosen, chosen + 1);
}

void BehaviorSet::BuildIndex() {
  any_.clear();
  by_event_.clear();
  for (BehaviorIndex i = 0; i < behaviors_.size(); ++i) {
    if (behaviors_[i].events.empty()) any_.push_back(i);
    for (const std::string& event : behaviors_[i].events) {
      by_event_[event].push_back(i);
    }
  }
}

std::optional<BehaviorIndex> BehaviorSet::Find(std::string_view name) const {
  for (BehaviorIndex i = 0; i < behaviors_.size(); ++i) {
    if (behaviors_[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<BehaviorSet::Candidate> BehaviorSet::CandidatesOf(
    std::string_view event) const {
  std::vector<Candidate> candidates;
  const auto add = [&](BehaviorIndex i) {
    candidates.push_back({i, !behaviors_[i].where.empty()});
  };
  std::for_each(any_.begin(), any_.end(), add);
  const auto found = by_event_.find(event);
  if (found == by_event_.end()) return candidates;
  std::for_each(found->second.begin(), found->second.end(), add);
  return candidates;
}

bool BehaviorSet::Matches(BehaviorIndex i, std::string_view event,
                          std::string_view properties) const {
  const std::vector<std::string>& events = behaviors_[i].events;
  if (!events.empty() &&
      std::find(events.begin(), events.end(), event) == events.end()) {
    return false;
  }
  return Filtered(i, properties);
}

bool BehaviorSet::Filtered(BehaviorIndex i, std::string_view properties) const {
  return PropertiesPass(behaviors_[i].where, properties);
}

Value PropertyOf(std::string_view json_object, std::string_view name) {
  return JsonObject(json_object).Get(name);
}

}  // namespace rekindle
