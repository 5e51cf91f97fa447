// The stages of the pipeline, one a file. Their order stands in ../pipeline.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/stages/stage.h"

namespace rekindle {

std::unique_ptr<const Stage> MakeRepeatStage();
std::unique_ptr<const Stage> MakeConsentStage();
std::unique_ptr<const Stage> MakeAddressStage();
std::unique_ptr<const Stage> MakeRenderableStage();
std::unique_ptr<const Stage> MakeRampStage();
std::unique_ptr<const Stage> MakePerRunStage();
std::unique_ptr<const Stage> MakeCapsStage();
std::unique_ptr<const Stage> MakeHoldOutStage();
std::unique_ptr<const Stage> MakeVariantStage();
std::unique_ptr<const Stage> MakeWindowStage();

inline void Skip(Candidate& candidate, Reason reason) {
  candidate.decision = Decision::kSkip;
  candidate.reason = reason;
}

// The user's addresses for the channel; none where it needs none.
std::vector<std::string> AddressesOf(const PlanContext& context,
                                     const ChannelFacts& channel,
                                     UserNumber user);

// Whether a hold-out, the global one or the rule's, keeps the user back.
bool IsHeldOut(const PlanContext& context, UserNumber user);

}  // namespace rekindle
