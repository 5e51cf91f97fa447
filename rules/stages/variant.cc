// Variant: weights part the treated.
#include <fmt/format.h>

#include "rules/decision/arms.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class VariantStage : public Stage {
 public:
  std::string_view name() const override { return "variant"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    const Rule& rule = context.rule;
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      if (!rule.variants.empty()) Choose(context, c);
      if (context.Explains(c) && rule.variants.empty()) {
        context.detail = Phrase("template {}", rule.template_id);
      }
    }
  }

 private:
  static void Choose(PlanContext& context, Candidate& c) {
    const GlobalHoldOut& global = context.rules.hold_out;
    const std::string_view key = context.facts.users().ExperimentKey(c.user);
    const Variant* variant = ChooseVariant(global, context.rule, key);
    c.variant = static_cast<int16_t>(variant - context.rule.variants.data());
    if (!context.Explains(c)) return;
    context.detail = Phrase(
        "variant {} of {}%, template {}; draw {}", variant->id,
        fmt::format("{:.4g}", variant->weight * 100), variant->template_id,
        fmt::format("{:.4f}", VariantDraw(global, context.rule, key)));
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeVariantStage() {
  return std::make_unique<VariantStage>();
}

}  // namespace rekindle
