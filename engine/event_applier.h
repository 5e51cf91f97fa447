// What an event of the journal changes in memory: days and last times of the
// behaviors it is one of, the user's first event, and goals it may reach.
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

// Applied twice, an event changes nothing.
class EventApplier {
 public:
  EventApplier(const EngineSettings& settings, UserDirectory& users,
               ActivityColumns& columns, const Ledger& ledger)
      : settings_(settings),
        users_(users),
        columns_(columns),
        ledger_(ledger) {}

  // `user` may have been merged away since. One that the directory does not
  // have is std::runtime_error: journal and store are not of one folder.
  // REQUIRES: the name stays where it is as long as the applier is used.
  void Apply(UserNumber user, std::string_view name, const Moment& when,
             std::string_view properties);
  // The same for a batch that arrives.
  void Apply(std::span<const JournalEvent> events);
  // What the ledger is to match with goals; after the last event.
  std::vector<GoalEvent> TakeGoals() { return std::move(goals_); }

 private:
  using Candidates = std::vector<BehaviorSet::Candidate>;

  const Candidates& CandidatesOf(std::string_view name);

  const EngineSettings& settings_;
  UserDirectory& users_;
  ActivityColumns& columns_;
  const Ledger& ledger_;
  // Names come again and again, so what events of one may be is kept.
  std::unordered_map<std::string_view, Candidates, ShortTextHash,
                     ShortTextsEqual>
      candidates_;
  // Events are applied by block of users, so that names are met from all the
  // pieces of input that a batch came in.
  FoundByPlace<const Candidates*, 512> candidates_by_place_;
  std::vector<GoalEvent> goals_;
};

// What stored events say besides the columns, which are filled apart: users'
// first events, and goals that may be reached. For the journal's tail at start.
class EventNoter {
 public:
  EventNoter(const EngineSettings& settings, UserDirectory& users,
             const Ledger& ledger)
      : settings_(settings), users_(users), ledger_(ledger) {}

  // A batch after the other, in their order. Throws as EventApplier::Apply.
  void Note(const BatchView& batch);
  std::vector<GoalEvent> TakeGoals() { return std::move(goals_); }

 private:
  const EngineSettings& settings_;
  UserDirectory& users_;
  const Ledger& ledger_;
  std::vector<GoalEvent> goals_;
};

// The number that a stored event counts for. std::runtime_error as above.
UserNumber UserOf(const UserDirectory& users, UserNumber stored);

}  // namespace rekindle
