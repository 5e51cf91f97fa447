// Hold-out: eligible users who are deliberately not contacted. The global
// draw holds the same people back from every rule, the rule's own does not.
#include <fmt/format.h>

#include "rules/decision/arms.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

struct Draws {
  double global, rule;
  bool hold_out;
};

Draws DrawsOf(const PlanContext& context, UserNumber user) {
  const GlobalHoldOut& global = context.rules.hold_out;
  const std::string_view key = context.facts.users().ExperimentKey(user);
  Draws draws{GlobalDraw(global, key), RuleDraw(global, context.rule, key)};
  draws.hold_out =
      draws.global < global.share || draws.rule < context.rule.hold_out;
  return draws;
}

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
        context.detail = Phrase("transactional: nobody is held out");
      }
    }
  }

 private:
  static void Check(PlanContext& context, Candidate& c) {
    const Draws draws = DrawsOf(context, c.user);
    if (context.Explains(c)) {
      const GlobalHoldOut& global = context.rules.hold_out;
      context.detail =
          Phrase("global draw {} of {}%, the rule's {} of {}%",
                 fmt::format("{:.4f}", draws.global),
                 fmt::format("{:.4g}", global.share * 100),
                 fmt::format("{:.4f}", draws.rule),
                 fmt::format("{:.4g}", context.rule.hold_out * 100));
    }
    if (!draws.hold_out) return;
    c.decision = Decision::kHoldOut;
    c.reason = Reason::kHeldOut;
  }
};

}  // namespace

bool IsHeldOut(const PlanContext& context, UserNumber user) {
  return context.rule.marketing && DrawsOf(context, user).hold_out;
}

std::unique_ptr<const Stage> MakeHoldOutStage() {
  return std::make_unique<HoldOutStage>();
}

}  // namespace rekindle
