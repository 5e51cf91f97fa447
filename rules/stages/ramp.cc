// Ramp: the first slots of a rule's version reach a share of the users only. A
// stable hash decides, so that those who are in stay in as the share grows, and
// a slot opened again has the share it had.
#include <fmt/format.h>

#include <algorithm>

#include "rules/decision/arms.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class RampStage : public Stage {
 public:
  std::string_view name() const override { return "ramp"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    const std::vector<double>& ramp = context.rule.limits.ramp;
    if (ramp.empty()) {
      context.detail = Phrase("no ramp");
      return;
    }
    const auto before = static_cast<size_t>(SlotBook::CountDone(
        context.db, context.rule.id, context.rule.version, context.slot));
    const double share = ramp[std::min(before, ramp.size() - 1)];
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      const double draw = RampDraw(context.rules.hold_out, context.rule,
                                   context.facts.users().ExperimentKey(c.user));
      if (context.Explains(c)) {
        context.detail = Phrase("slot {} of this version reaches {}%; draw {}",
                                before + 1, fmt::format("{:.4g}", share * 100),
                                fmt::format("{:.4f}", draw));
      }
      if (draw >= share) Skip(c, Reason::kRamp);
    }
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeRampStage() {
  return std::make_unique<RampStage>();
}

}  // namespace rekindle
