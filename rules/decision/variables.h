// The values of the variables that templates name (variable_name.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/audience/snapshot.h"
#include "rules/definition/variable_name.h"

namespace rekindle {

// The language a user reads: profile `language`, "en..." is en, else zh.
std::string_view LanguageOf(const Snapshot& facts, UserNumber user);

// The values of variables for a set of users, as of a snapshot, which must
// outlive it. Const calls are thread-safe.
class Variables {
 public:
  // Where a name asks for events, reads the journal once for all `users`.
  // REQUIRES: every name passes ParseVariable.
  Variables(const Snapshot& facts, const std::vector<std::string>& names,
            const UserSet& users);

  // Nothing where the user has no value, or an empty one.
  std::optional<std::string> ValueOf(UserNumber user, std::string_view name,
                                     std::string_view language) const;

 private:
  struct LastEvent {
    Instant at;
    std::string properties;
  };
  struct Count {
    BehaviorIndex behavior = 0;
    Instant from = Instant::min();
    std::unordered_map<UserNumber, int64_t> events;
  };

  void Read(const UserSet& users);
  void Note(const StoredEvent& event, Instant at, UserNumber user);
  // Where reading must begin; nothing if no events are asked for.
  std::optional<Instant> ReadFrom() const;
  std::optional<std::string> FromFacts(const VariableName& variable,
                                       UserNumber user,
                                       std::string_view language) const;
  std::string Labels(UserNumber user, std::string_view language) const;

  const Snapshot& facts_;
  std::map<std::string, VariableName, std::less<>> names_;
  std::map<BehaviorIndex, std::unordered_map<UserNumber, LastEvent>> last_;
  std::map<std::string, Count, std::less<>> counts_;  // by variable name
};

}  // namespace rekindle
