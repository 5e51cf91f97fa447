// From match to touch: the stages in order, on one screen (pipeline.cc).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/consent/consent.h"
#include "engine/ledger/ledger.h"
#include "rules/decision.h"
#include "rules/rule.h"

namespace rekindle {

// Caps reserved in this tick, by user and day: who took them, so that a lower
// rule's skip says `outranked`, not `capped`.
struct TickReservations {
  // user -> (local day of the user's zone, priority of the rule that took it)
  std::map<UserNumber, std::vector<std::pair<int32_t, double>>> taken;
};

// What the stages read. All references outlive the run of the pipeline.
struct PlanContext {
  const Rule& rule;
  const RuleSet& rules;
  const std::vector<ChannelFacts>& channels;
  const Snapshot& facts;  // as of the decision
  const Ledger& ledger;
  const Consents& consents;
  SQLite::Database& db;  // the open transaction (plan: read-only)
  Instant slot;
  TickReservations& tick;
  // Whose values the stages write out even where they pass; for explain.
  UserNumber explained = kNoUser;
};

// One check. A stage looks at candidates that are still kSend (or kDefer) and
// changes their decision, reason and detail; it never removes one.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string_view name() const = 0;
  virtual void Run(PlanContext& context,
                   std::vector<Candidate>& candidates) const = 0;
};

// The order is the product's policy.
const std::vector<std::unique_ptr<const Stage>>& Pipeline();

// Runs all stages over the matched users (ascending user order in and out);
// those who have a touch of the slot must not be among them. With `findings`,
// each stage that looks at the context's `explained` user adds its verdict.
std::vector<Candidate> Decide(PlanContext& context, const UserSet& matched,
                              std::vector<StageFinding>* findings = nullptr);

}  // namespace rekindle
