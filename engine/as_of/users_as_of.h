// The users as they stood at one instant: who was known, since when, and the
// days they were active on. What the scans of states, labels and days share.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "config/base/workers.h"
#include "engine/as_of/masks_as_of.h"
#include "engine/columns/activity_columns.h"
#include "engine/journal/journal.h"
#include "engine/model/settings.h"
#include "engine/sets/set_memory.h"
#include "engine/users/user_directory.h"

namespace rekindle {

class ReaderPool;

// What a snapshot reads; all of it must outlive the reader.
struct FactSources {
  std::shared_ptr<const EngineSettings> settings;
  const UserDirectory* users = nullptr;
  const ActivityColumns* columns = nullptr;
  const Journal* journal = nullptr;
  Workers* workers = nullptr;   // for the scans over all users
  SetMemory* memory = nullptr;  // for what they find
  ReaderPool* store = nullptr;  // for the ledger
};

// Thread-safe.
class UsersAsOf {
 public:
  UsersAsOf(FactSources sources, Instant as_of);

  const EngineSettings& settings() const { return *sources_.settings; }
  const UserDirectory& users() const { return *sources_.users; }
  const ActivityColumns& columns() const { return *sources_.columns; }
  const Journal& journal() const { return *sources_.journal; }
  Workers& workers() const { return *sources_.workers; }
  SetMemory& set_memory() const { return *sources_.memory; }
  // The columns as seen at as_of.
  const MasksAsOf& masks() const { return masks_; }
  Instant as_of() const { return masks_.as_of(); }
  LocalDay today() const { return masks_.today(); }
  int32_t period() const;  // as_of's

  // --- a block of users
  // The day numbers of the registrations of the kBlockUsers users of a block;
  // kNoRegisteredDay where the user is not known at as_of. Mostly a view of the
  // directory's own; else they are put into `scratch`.
  using BlockDays = std::array<int32_t, kBlockUsers>;
  const int32_t* RegisteredDays(uint32_t block, BlockDays& scratch) const;
  // Adds the users of the block who are known at as_of.
  void AddKnown(uint32_t block, std::array<uint64_t, kBlockWords>& users) const;
  // Adds the known users of the block who registered on that day or later.
  void AddRegisteredSince(LocalDay day, uint32_t block,
                          std::array<uint64_t, kBlockWords>& users) const;

  // --- one user
  LocalDay RegisteredOn(UserNumber user) const;
  // The last active day, registration counted.
  LocalDay LastActiveDay(UserNumber user) const;
  std::optional<LocalDay> LastDayOf(UserNumber user,
                                    BehaviorIndex behavior) const;

 private:
  int32_t LastSureDay() const;

  const FactSources sources_;
  const MasksAsOf masks_;
};

}  // namespace rekindle
