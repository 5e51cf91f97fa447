// From match to touch: the stages in order, on one screen (pipeline.cc).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/ledger/ledger.h"
#include "rules/cap_book.h"
#include "rules/consent_book.h"
#include "rules/decision.h"
#include "rules/rule.h"
#include "rules/rule_texts.h"
#include "rules/send_window.h"

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
  // The rule's, by preference; nullptr where one is not configured.
  std::vector<const ChannelFacts*> channels;
  const Snapshot& facts;  // as of the decision
  const Ledger& ledger;
  SQLite::Database& db;  // the open transaction (plan: read-only)
  Instant slot;
  Tick& tick;
  SendTimes send_times;
  std::optional<RuleTexts> texts;  // from the stage that checks them on
  // The user for whom the stages write out what they compared; for explain.
  UserNumber explained = kNoUser;
  std::string detail;

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

// The order is the product's policy.
struct Pipeline {
  using Stages = std::vector<std::unique_ptr<const Stage>>;
  Stages eligibility;  // whom the rule may reach
  Stages selection;    // who of them is reached, and how
};
const Pipeline& ThePipeline();

struct Decisions {
  std::vector<Candidate> candidates;  // by user
  int64_t eligible = 0;               // those who passed the eligibility
};

// Runs all stages over the matched users; those who have a touch of the slot
// must not be among them. With `findings`, each stage that looks at the
// context's `explained` user adds its verdict.
Decisions Decide(PlanContext& context, const UserSet& matched,
                 std::vector<StageFinding>* findings = nullptr);

}  // namespace rekindle
