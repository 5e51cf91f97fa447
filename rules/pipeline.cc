#include "rules/pipeline.h"

#include <algorithm>

#include "rules/stages/stages.h"

namespace rekindle {
namespace {

Pipeline MakePipeline() {
  Pipeline pipeline;
  Pipeline::Stages& may_reach = pipeline.eligibility;
  may_reach.push_back(MakeRepeatStage());
  may_reach.push_back(MakeConsentStage());
  may_reach.push_back(MakeAddressStage());
  may_reach.push_back(MakeRenderableStage());
  // Here the blast guard counts (blast_guard.h).
  Pipeline::Stages& reaches = pipeline.selection;
  reaches.push_back(MakeRampStage());
  reaches.push_back(MakePerRunStage());
  reaches.push_back(MakeCapsStage());
  reaches.push_back(MakeHoldOutStage());
  reaches.push_back(MakeVariantStage());
  reaches.push_back(MakeWindowStage());
  return pipeline;
}

std::vector<Candidate> MakeCandidates(const PlanContext& context,
                                      const UserSet& matched) {
  std::vector<Candidate> candidates;
  candidates.reserve(matched.Count());
  const Candidate everybody{.due_at = context.facts.as_of(),
                            .channels = ChannelSet::All(context.rule)};
  matched.ForEach([&](UserNumber user) {
    candidates.push_back(everybody);
    candidates.back().user = user;
  });
  return candidates;
}

// Runs the stage and says what it did to the explained candidate.
void RunExplained(const Stage& stage, PlanContext& context,
                  std::vector<Candidate>& candidates, Candidate& explained,
                  std::vector<StageFinding>* findings) {
  const bool was_open = IsOpen(explained);
  const Decision before = explained.decision;
  context.detail = Phrase();
  stage.Run(context, candidates);
  const bool passed = IsOpen(explained);
  if (!was_open && explained.decision == before) return;
  findings->push_back({std::string(stage.name()), passed,
                       passed ? "" : std::string(ReasonCode(explained.reason)),
                       context.detail});
}

}  // namespace

const Pipeline& ThePipeline() {
  static const Pipeline pipeline = MakePipeline();
  return pipeline;
}

Decisions Decide(PlanContext& context, const UserSet& matched,
                 std::vector<StageFinding>* findings) {
  Decisions decisions{MakeCandidates(context, matched)};
  std::vector<Candidate>& candidates = decisions.candidates;
  auto explained =
      std::find_if(candidates.begin(), candidates.end(),
                   [&](const Candidate& c) { return context.Explains(c); });
  const auto run = [&](const Pipeline::Stages& stages) {
    for (const auto& stage : stages) {
      if (findings == nullptr || explained == candidates.end()) {
        stage->Run(context, candidates);
      } else {
        RunExplained(*stage, context, candidates, *explained, findings);
      }
    }
  };
  run(ThePipeline().eligibility);
  decisions.eligible =
      std::count_if(candidates.begin(), candidates.end(), IsOpen);
  run(ThePipeline().selection);
  return decisions;
}

}  // namespace rekindle
