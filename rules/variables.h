// What the texts of templates may name.
//
//   nickname, city, ...               a profile key
//   user_id
//   unsubscribe_url                   the user's own page, where links are
//                                     configured
//   state, substate                   "dormant", "driving"
//   created_at, last_active_day       2026-02-14
//   inactive_days                     local days since the last active one
//   top_preference, labels            the labels' titles, in the user's
//   language last.<behavior>.<property>        of the user's last event of the
//   behavior count.<behavior>                  how many events, ever
//   count.<behavior>.<N_days>         likewise N_weeks, N_months
//   (design.md 2.1)
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/behavior/behavior.h"

namespace rekindle {

// A variable's name, understood.
struct VariableName {
  enum class Kind {
    kProfile,
    kUserId,
    kState,
    kSubstate,
    kCreatedAt,
    kLastActiveDay,
    kInactiveDays,
    kTopPreference,
    kLabels,
    kLast,
    kCount,
  };
  Kind kind = Kind::kProfile;
  std::string key;                 // the profile key, or the event's property
  BehaviorIndex behavior = 0;      // last, count
  std::optional<Duration> within;  // count; none: all time
};

// kConfiguration for a dotted name that is not last or count, an unknown
// behavior, or a time that does not read. What a profile holds is not known
// here: every name without a dot is fine.
Result<VariableName> ParseVariable(std::string_view name,
                                   const BehaviorSet& behaviors);

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
    std::optional<DayRange> days;
    Instant from;  // where `days` start
    std::unordered_map<UserNumber, int64_t> events;
  };

  void Read(const UserSet& users);
  void Note(const StoredEvent& event, UserNumber user);
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
