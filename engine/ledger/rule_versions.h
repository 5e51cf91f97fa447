// Since when each version of a rule was in force, so that people see from when
// a touch's version is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "engine/store/store.h"

namespace rekindle {

// A table of its own in store.db.
extern const char kRuleVersionsSchema[];

struct RuleVersion {
  std::string version;
  Instant since;
};

// Notes the versions that come into force, by rule, inside the caller's
// transaction; those that already are stay as they are. A version that comes
// back counts anew.
void NoteVersions(SQLite::Database& db,
                  const std::map<std::string, std::string>& rules, Instant now);

// Newest first: the first is the one in force.
std::vector<RuleVersion> VersionsOf(const Store& store,
                                    const std::string& rule_id);

}  // namespace rekindle
