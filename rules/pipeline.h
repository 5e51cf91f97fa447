// From match to touch: the stages in order, on one screen (pipeline.cc).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "rules/stages/stage.h"

namespace rekindle {

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
