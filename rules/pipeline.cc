#include "rules/pipeline.h"

#include <algorithm>

#include "rules/stages/stages.h"

namespace rekindle {
namespace {

std::vector<std::unique_ptr<const Stage>> MakePipeline() {
  std::vector<std::unique_ptr<const Stage>> stages;
  stages.push_back(MakeRepeatStage());
  stages.push_back(MakeConsentStage());
  stages.push_back(MakeAddressStage());
  stages.push_back(MakeRenderableStage());
  stages.push_back(MakePerRunStage());
  stages.push_back(MakeCapsStage());
  stages.push_back(MakeHoldOutStage());
  stages.push_back(MakeVariantStage());
  stages.push_back(MakeWindowStage());
  return stages;
}

std::vector<Candidate> MakeCandidates(const PlanContext& context,
                                      const UserSet& matched) {
  std::vector<Candidate> candidates;
  candidates.reserve(matched.Count());
  matched.ForEach([&](UserNumber user) {
    Candidate candidate;
    candidate.user = user;
    candidate.channels = context.rule.channels;
    candidate.template_id = context.rule.template_id;
    candidate.due_at = context.facts.as_of();
    candidates.push_back(std::move(candidate));
  });
  return candidates;
}

// Runs the stage and says what it did to the explained candidate.
void RunExplained(const Stage& stage, PlanContext& context,
                  std::vector<Candidate>& candidates, Candidate& explained,
                  std::vector<StageFinding>* findings) {
  const bool was_open = IsOpen(explained);
  const Decision before = explained.decision;
  explained.detail.clear();
  stage.Run(context, candidates);
  const bool passed = IsOpen(explained);
  if (!was_open && explained.decision == before) return;
  findings->push_back({std::string(stage.name()), passed,
                       passed ? "" : std::string(ReasonCode(explained.reason)),
                       explained.detail});
}

}  // namespace

const std::vector<std::unique_ptr<const Stage>>& Pipeline() {
  static const std::vector<std::unique_ptr<const Stage>> stages =
      MakePipeline();
  return stages;
}

std::vector<Candidate> Decide(PlanContext& context, const UserSet& matched,
                              std::vector<StageFinding>* findings) {
  std::vector<Candidate> candidates = MakeCandidates(context, matched);
  auto explained = std::find_if(
      candidates.begin(), candidates.end(),
      [&](const Candidate& c) { return c.user == context.explained; });
  for (const auto& stage : Pipeline()) {
    if (findings == nullptr || explained == candidates.end()) {
      stage->Run(context, candidates);
    } else {
      RunExplained(*stage, context, candidates, *explained, findings);
    }
  }
  return candidates;
}

}  // namespace rekindle
