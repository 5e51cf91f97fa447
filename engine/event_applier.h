// Applies events of the journal to memory: days and last times of the behaviors
// that an event is one of, the user's first event, and goals it may reach.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/base/short_text.h"
#include "engine/columns/activity_columns.h"
#include "engine/journal/found_by_place.h"
#include "engine/journal/journal.h"
#include "engine/ledger/ledger.h"
#include "engine/model/settings.h"
#include "engine/users/user_directory.h"

namespace rekindle {

// An event that is applied twice counts once.
class EventApplier {
 public:
  EventApplier(const EngineSettings& settings, UserDirectory& users,
               ActivityColumns& columns, const Ledger& ledger)
      : settings_(settings),
        users_(users),
        columns_(columns),
        ledger_(ledger) {}

  // `user` may have been merged away since. A user whom the directory does not
  // have is std::runtime_error: journal and store are not of one folder.
  // REQUIRES: the name's text stays in its place as long as the applier is
  // used.
  void Apply(UserNumber user, std::string_view name, const Moment& when,
             std::string_view properties);
  // The same for a new batch.
  void Apply(std::span<const JournalEvent> events);
  // The events that the ledger is to match with goals. Call after the last
  // event.
  std::vector<GoalEvent> TakeGoals() { return std::move(goals_); }

 private:
  using Candidates = std::vector<BehaviorSet::Candidate>;

  const Candidates& CandidatesOf(std::string_view name);

  const EngineSettings& settings_;
  UserDirectory& users_;
  ActivityColumns& columns_;
  const Ledger& ledger_;
  // By event name, as names come again and again.
  std::unordered_map<std::string_view, Candidates, ShortTextHash,
                     ShortTextsEqual>
      candidates_;
  // By the place of the name's text. Events are applied by block of users, so
  // names from all the pieces of input of a batch come mixed.
  FoundByPlace<const Candidates*, 512> candidates_by_place_;
  std::vector<GoalEvent> goals_;
};

// Notes what stored events say besides the columns, which are filled apart:
// users' first events, and goals that may be reached. For the journal's tail at
// start.
class EventNoter {
 public:
  EventNoter(const EngineSettings& settings, UserDirectory& users,
             const Ledger& ledger)
      : settings_(settings), users_(users), ledger_(ledger) {}

  // Takes batches in their order. Throws as EventApplier::Apply does.
  void Note(const BatchView& batch);
  std::vector<GoalEvent> TakeGoals() { return std::move(goals_); }

 private:
  const EngineSettings& settings_;
  UserDirectory& users_;
  const Ledger& ledger_;
  std::vector<GoalEvent> goals_;
};

// The user whom an event stored under this number counts for.
// std::runtime_error as above.
UserNumber UserOf(const UserDirectory& users, UserNumber stored);

}  // namespace rekindle
