// What each rule really changed, from the ledger (README.md).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "engine/ledger/ledger.h"
#include "engine/review/uplift.h"

namespace rekindle {

struct RuleReview {
  std::string rule_id;
  int64_t slots = 0;  // missed ones included
  int64_t missed_slots = 0;
  int64_t matched = 0;
  std::map<std::string, int64_t> skipped;  // by reason, over the slots
  std::map<TouchState, int64_t> by_state;
  int64_t treated = 0;  // touches
  int64_t held_out = 0;
  // Touches by how far they came, each counted at every step on the way: one
  // that was clicked was also opened, delivered and accepted.
  int64_t accepted = 0;
  int64_t delivered = 0;
  int64_t opened = 0;
  int64_t clicked = 0;
  int64_t bounced = 0;
  int64_t complained = 0;
  int64_t unsubscribed = 0;
  int64_t goal_reached = 0;  // touches, both arms
  int64_t open_windows = 0;  // not judged yet
  // Users, each counted once, by their first touch of the rule that had a goal
  // (so that observations are independent), and by assignment, whatever became
  // of the send; closed windows only.
  ArmResult treated_users, held_out_users;
  std::optional<Uplift> uplift;
  // uplift x treated users: how many reached the goal because of the rule.
  std::optional<double> incremental_users;
  Verdict verdict = Verdict::kCollecting;
  bool has_goal = false;
  int64_t cost = 0;  // of the accepted messages, in millionths
};

// Rules with any slot or touch planned at or before as_of, ordered by id; one
// of them where `rule_id` is given.
std::vector<RuleReview> ComputeReview(const Store& store, Instant as_of,
                                      std::optional<std::string> rule_id);

}  // namespace rekindle
