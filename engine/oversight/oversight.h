// What people decided on rules: versions approved, slots let through, rules
// paused. The record is the audit: who, what, when; nothing in it changes.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"

namespace rekindle {

enum class OversightAction { kApprove, kApproveSlot, kPause, kResume };
// "approve" "approve_slot" "pause" "resume"
std::string_view OversightActionName(OversightAction action);

struct RuleDecision {
  std::string rule_id;
  OversightAction action = OversightAction::kApprove;
  std::string version;          // the rule's, when it was decided
  std::optional<Instant> slot;  // of kApproveSlot
  std::string person;
  std::string note;
  Instant at;
};

// Functions on the caller's transaction of the store; thread-safe as that is.
class Oversight {
 public:
  // False, with nothing recorded, for pausing a rule that is paused and
  // resuming one that is not.
  static bool Record(SQLite::Database& db, const RuleDecision& decision);

  // Whether this is the version that was approved last.
  static bool IsApproved(SQLite::Database& db, const std::string& rule_id,
                         const std::string& version);
  static bool IsSlotApproved(SQLite::Database& db, const std::string& rule_id,
                             Instant slot);
  // The latest decision to pause the rule, while it holds.
  static std::optional<RuleDecision> Pause(SQLite::Database& db,
                                           const std::string& rule_id);
  // Newest first; of one rule where it is given. A limit of 0 is all.
  static std::vector<RuleDecision> List(
      SQLite::Database& db, const std::optional<std::string>& rule_id,
      int64_t limit);
};

}  // namespace rekindle
