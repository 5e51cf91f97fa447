// Hold-out: eligible users who are deliberately not contacted. The global
// draw holds the same people back from every rule, the rule's own does not.
#include <fmt/format.h>

#include "rules/arms.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class HoldOutStage : public Stage {
 public:
  std::string_view name() const override { return "hold_out"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    const bool none =
        context.rules.hold_out.share == 0 && context.rule.hold_out == 0;
    for (Candidate& c : candidates) {
      if (!IsOpen(c) || (none && !context.Explains(c))) continue;
      if (context.rule.marketing) {
        Check(context, c);
      } else if (context.Explains(c)) {
        context.detail = "transactional: nobody is held out";
      }
    }
  }

 private:
  static void Check(PlanContext& context, Candidate& c) {
    const GlobalHoldOut& global = context.rules.hold_out;
    const std::string_view key = context.facts.users().ExperimentKey(c.user);
    const double global_draw = GlobalDraw(global, key);
    const double rule_draw = RuleDraw(global, context.rule, key);
    if (context.Explains(c)) {
      context.detail = fmt::format(
          "global draw {:.4f} of {:.4g}%, the rule's {:.4f} of {:.4g}%",
          global_draw, global.share * 100, rule_draw,
          context.rule.hold_out * 100);
    }
    if (global_draw >= global.share && rule_draw >= context.rule.hold_out) {
      return;
    }
    c.decision = Decision::kHoldOut;
    c.reason = Reason::kHeldOut;
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeHoldOutStage() {
  return std::make_unique<HoldOutStage>();
}

}  // namespace rekindle
