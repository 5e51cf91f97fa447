// The names of variables that the texts of templates may use.
//
//   nickname, city, ...               a profile key
//   user_id
//   unsubscribe_url                   the user's own page, where links are
//                                     configured
//   state, substate                   "dormant", "driving"
//   created_at, last_active_day       2026-02-14
//   inactive_days                     local days since the last active one
//   top_preference, labels            titles of labels, in the user's language
//   last.<behavior>.<property>        of the user's last event of it
//   count.<behavior>                  how many events, ever
//   count.<behavior>.<N_days>         likewise N_weeks, N_months: natural ones,
//                                     the current included
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/base/duration.h"
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

}  // namespace rekindle
