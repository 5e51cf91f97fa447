// A behavior is a named predicate over events: event names plus property
// filters. Everything downstream is defined on behaviors, never on raw names.
//
//   app_open: {event: app_open}
//   control:  {event: [remote_unlock, remote_climate]}
//   paid_big: {event: order_paid, where: {amount: {gte: 500}}}
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/yaml/node.h"
#include "engine/behavior/value_test.h"

namespace rekindle {

using BehaviorIndex = uint32_t;

// Tests of an event's properties, by name: all of them hold.
using PropertyTests = std::vector<std::pair<std::string, ValueTest>>;

// `where: {amount: {gte: 500}}`. Problems go to the diagnostics.
PropertyTests ParsePropertyTests(const yaml::Node& node, yaml::Diagnostics& d,
                                 const Calendar& calendar);
// `properties` is a JSON object's text; anything else has none.
bool PropertiesPass(const PropertyTests& tests, std::string_view properties);

struct Behavior {
  std::string name;
  std::vector<std::string> events;  // empty: any event
  PropertyTests where;
  // The definition as a stable text: columns stored under another one are
  // stale.
  std::string definition;
};

// All behaviors of a configuration. Index 0 is always the activity behavior
// (the one `activity` names, or "any event" under the name "activity").
// Immutable; thread-safe.
class BehaviorSet {
 public:
  // Any event only, under the name "activity".
  BehaviorSet();
  // Reads each file's `behaviors`, and `activity`, which may be absent.
  static BehaviorSet Parse(const std::vector<yaml::Node>& behaviors,
                           const std::optional<yaml::Node>& activity,
                           yaml::Diagnostics& d, const Calendar& calendar);

  static constexpr BehaviorIndex kActivity = 0;

  size_t size() const { return behaviors_.size(); }
  const Behavior& at(BehaviorIndex i) const { return behaviors_[i]; }
  // The index under a configured name; `activity`'s own name gives 0.
  std::optional<BehaviorIndex> Find(std::string_view name) const;
  // Configured names in file order (without the implicit "any event").
  const std::vector<std::string>& names() const { return names_; }

  // Calls f(BehaviorIndex) for each behavior the event is one of. Properties
  // are parsed only where a filter asks for them.
  template <class F>
  void Match(std::string_view event, std::string_view properties, F&& f) const {
    for (BehaviorIndex i : any_) {
      if (Filtered(i, properties)) f(i);
    }
    auto found = by_event_.find(event);
    if (found == by_event_.end()) return;
    for (BehaviorIndex i : found->second) {
      if (Filtered(i, properties)) f(i);
    }
  }
  bool Matches(BehaviorIndex i, std::string_view event,
               std::string_view properties) const;

  // The same in two steps, for callers that meet the same names again and
  // again: the behaviors that events of a name may be one of, and whether
  // properties pass the filter of one that has a filter.
  struct Candidate {
    BehaviorIndex behavior = 0;
    bool filtered = false;
  };
  std::vector<Candidate> CandidatesOf(std::string_view event) const;
  bool Filtered(BehaviorIndex i, std::string_view properties) const;

 private:
  void Choose(const std::optional<yaml::Node>& activity, yaml::Diagnostics& d);
  void BuildIndex();

  std::vector<Behavior> behaviors_;
  std::vector<std::string> names_;
  std::vector<BehaviorIndex> any_;
  // Looked up for every event, so without making a string of it.
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  std::unordered_map<std::string, std::vector<BehaviorIndex>, TextHash,
                     std::equal_to<>>
      by_event_;
};

// One property of a JSON object's text; monostate where it is not there or is
// not a scalar.
Value PropertyOf(std::string_view json_object, std::string_view name);

}  // namespace rekindle
