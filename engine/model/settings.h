// What the engine is told by the configuration: the business calendar, the
// behaviors, how states and labels are cut, and the named segments.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/duration.h"
#include "config/yaml/node.h"
#include "engine/behavior/behavior.h"
#include "engine/model/link_settings.h"
#include "engine/model/state.h"

namespace rekindle {

class Condition;

struct Substate {
  std::string name;
  std::shared_ptr<const Condition> condition;
};

struct LifecycleSettings {
  PeriodUnit period = PeriodUnit::kMonth;
  int churned_after = 2;
  // Ordered; the first that holds wins, the rest is `other`.
  std::map<State, std::vector<Substate>> substates;

  // Those of one state; empty where it has none.
  std::span<const Substate> SubstatesOf(State state) const;
};

struct Label {
  std::string name;
  BehaviorIndex behavior = 0;
  yaml::Localized title;
};

struct PreferenceSettings {
  Duration window{3, DurationUnit::kMonth};
  double threshold = 0.5;
  int min_active_days = 1;
  bool anchor_last_active = false;  // `anchor: last_active`
  std::vector<Label> labels;        // file order

  std::optional<size_t> Find(std::string_view label) const;
};

struct Segment {
  std::string name;
  std::shared_ptr<const Condition> condition;
};

struct ConsentSettings {
  std::vector<std::string> topics;
  bool granted_by_default = true;
};

// Days that the pages mark. On a holiday no marketing touch leaves
// (rules/decision/send_window.h); notes change nothing.
struct CalendarNotes {
  std::vector<DayRange> holidays;  // by first day
  std::map<LocalDay, yaml::Localized> notes;

  bool IsHoliday(LocalDay day) const;
};

// Immutable once read; shared between threads.
struct EngineSettings {
  Calendar calendar = Calendar::Utc();
  BehaviorSet behaviors;
  LifecycleSettings lifecycle;
  PreferenceSettings preferences;
  std::vector<Segment> segments;
  ConsentSettings consent;
  CalendarNotes notes;
  std::optional<LinkSettings> links;  // none: links in texts stay as they are
  std::optional<double> target_active_rate;
  // None: kept for ever. Never rolls.
  std::optional<Duration> retain_raw_events;
  std::optional<int64_t> retain_bytes;  // of journal.db at most
  // Ids that other sections configure, for conditions on touches.
  std::vector<std::string> rule_ids;
  std::vector<std::string> channel_ids;
};

// The first instant whose raw events are surely kept, counted back from the
// newest event (so that a clock set wrong prunes nothing); nothing where all
// are kept for ever.
std::optional<Instant> RawEventsKeptFrom(const EngineSettings& settings,
                                         Instant newest);

}  // namespace rekindle
