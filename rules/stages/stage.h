// A stage of the pipeline: one check on the way from match to touch.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/ledger/ledger.h"
#include "rules/decision/cap_book.h"
#include "rules/decision/consent_book.h"
#include "rules/decision/decision.h"
#include "rules/decision/rule_texts.h"
#include "rules/decision/send_window.h"
#include "rules/definition/rule.h"

namespace rekindle {

// What the rules worked in one tick share.
struct Tick {
  CapBook caps;
  ConsentBook consents;
};

// What the stages read. All references outlive the run of the pipeline.
struct PlanContext {
  const Rule& rule;
  const RuleSet& rules;
  // The rule's channels, by preference; nullptr where one is not configured.
  std::vector<const ChannelFacts*> channels;
  const Snapshot& facts;  // as of the decision
  const Ledger& ledger;
  SQLite::Database& db;  // the open transaction (plan: read-only)
  Instant slot;
  Tick& tick;
  SendTimes send_times;
  std::optional<RuleTexts> texts;  // set by the stage that checks them
  // The user for whom the stages tell in `detail` what they compared; for
  // explain.
  UserNumber explained = kNoUser;
  Phrase detail;

  bool Explains(const Candidate& c) const { return c.user == explained; }
};

// One check. A stage looks at candidates that are still open and changes their
// decision and reason; it never removes one.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string_view name() const = 0;
  virtual void Run(PlanContext& context,
                   std::vector<Candidate>& candidates) const = 0;
};

}  // namespace rekindle
