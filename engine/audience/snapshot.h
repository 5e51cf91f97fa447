// Facts of the embedded engine: the primitives over columns, directory and
// journal as of one instant.
#pragma once

#include <memory>
#include <shared_mutex>

#include "engine/as_of/users_as_of.h"
#include "engine/audience/audience_sets.h"
#include "engine/conditions/facts.h"
#include "engine/lifecycle/state_sets.h"

namespace rekindle {

class Snapshot : public Facts {
 public:
  // `lock` is held for the snapshot's life.
  Snapshot(FactSources sources, Instant as_of,
           std::shared_lock<std::shared_mutex> lock);
  ~Snapshot() override;

  const EngineSettings& settings() const override;
  Instant as_of() const override;
  LocalDay today() const override;
  bool exact() const override;
  std::optional<Instant> EventsGoneUntil() const override;
  const UserSet& Known() const override;
  UserSet InState(State state, std::string_view substate) const override;
  UserSet LastActive(std::optional<LocalDay> first,
                     std::optional<LocalDay> last) const override;
  UserSet DaysPresent(BehaviorIndex behavior, std::optional<DayRange> range,
                      int at_least, int at_most) const override;
  UserSet DaysInARow(BehaviorIndex behavior, std::optional<DayRange> range,
                     int days) const override;
  UserSet Dropped(const DropQuestion& question) const override;
  UserSet Labeled(size_t label) const override;
  UserSet TopLabel(size_t label) const override;
  UserSet WithProfile(const std::string& key,
                      const ValueTest& test) const override;
  UserSet Tagged(const std::string& tag) const override;
  const UserSet& InSegment(size_t segment) const override;
  UserSet Touched(const TouchQuestion& question) const override;
  EventTallies TallyEvents(const UserSet& candidates,
                           const EventQuestion& question) const override;
  State StateOf(UserNumber user) const override;
  std::string SubstateOf(UserNumber user) const override;
  int InactivePeriods(UserNumber user) const override;
  LocalDay LastActiveDay(UserNumber user) const override;
  Instant LastActivity(UserNumber user) const override;
  LocalDay RegisteredOn(UserNumber user) const override;
  int DaysOf(UserNumber user, BehaviorIndex behavior,
             std::optional<DayRange> range) const override;
  std::vector<LocalDay> DayListOf(UserNumber user, BehaviorIndex behavior,
                                  std::optional<DayRange> range) const override;
  std::optional<LocalDay> LastDayOf(UserNumber user,
                                    BehaviorIndex behavior) const override;
  Value ProfileOf(UserNumber user, const std::string& key) const override;
  std::optional<PlannedTouch> LastTouchOf(
      UserNumber user, const TouchQuestion& question) const override;
  bool HasTag(UserNumber user, const std::string& tag) const override;
  std::vector<LabelShare> LabelsOf(UserNumber user) const override;
  std::optional<size_t> TopLabelOf(UserNumber user) const override;

  // --- beyond the primitives: what exports, pages and texts read
  const UserDirectory& users() const;
  const ActivityColumns& columns() const;
  const Journal& journal() const;
  Workers& workers() const;
  const StateSets& states() const;
  int32_t period() const;  // as_of's
  // What the scans over all users read.
  const UsersAsOf& users_as_of() const;
  const MasksAsOf& masks() const;
  // Computes all sets that settings name in one pass; what is asked for later
  // is answered from them.
  const AudienceSets& ComputeAll() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
