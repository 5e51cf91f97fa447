// What the parsers of settings share: a section may stand in the main file and
// in included ones, a single value in one of them only.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "config/yaml/node.h"
#include "engine/conditions/condition.h"
#include "engine/model/settings.h"

namespace rekindle {

using Sections = std::vector<yaml::Section*>;

// The value of a key that one section may set; a second is reported with the
// place of the first.
std::optional<yaml::Node> TakeOnce(const Sections& sections,
                                   std::string_view key, yaml::Diagnostics& d);
// The values of a key that every section may bring.
std::vector<yaml::Node> TakeAll(const Sections& sections, std::string_view key);

// The entries of a map; anything else is reported and has none.
std::vector<std::pair<yaml::Node, yaml::Node>> EntriesOf(const yaml::Node& node,
                                                         yaml::Diagnostics& d,
                                                         std::string_view what);

// First step: reads `period`, `churned_after` and the names of the substates,
// as their conditions may use names that are not read yet.
class LifecycleParser {
 public:
  LifecycleParser(const std::optional<yaml::Node>& node, yaml::Diagnostics& d,
                  LifecycleSettings* settings);
  // Second step: the substates' conditions.
  void ParseConditions(const Vocabulary& vocabulary,
                       const std::vector<Segment>& segments);

 private:
  struct Entry {
    State state;
    size_t index;     // among the state's substates
    yaml::Node node;  // of the condition
  };
  void ParseSubstates(const yaml::Node& node);

  yaml::Diagnostics& d_;
  LifecycleSettings* settings_;
  std::vector<Entry> entries_;
};

// Reads the segments' names first, as segments may use each other; then their
// conditions, and checks that none leads back to itself.
class SegmentParser {
 public:
  SegmentParser(const std::vector<yaml::Node>& nodes, yaml::Diagnostics& d,
                std::vector<Segment>* segments);
  void ParseConditions(const Vocabulary& vocabulary);

 private:
  void ReportCycles() const;

  yaml::Diagnostics& d_;
  std::vector<Segment>* segments_;
  std::vector<std::pair<yaml::Node, yaml::Node>> entries_;
};

PreferenceSettings ParsePreferences(const std::vector<yaml::Node>& nodes,
                                    const BehaviorSet& behaviors,
                                    yaml::Diagnostics& d);
CalendarNotes ParseCalendarNotes(const std::vector<yaml::Node>& nodes,
                                 yaml::Diagnostics& d);

}  // namespace rekindle
