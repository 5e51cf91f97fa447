// Variant: weights part the treated.
#include <fmt/format.h>

#include "rules/arms.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class VariantStage : public Stage {
 public:
  std::string_view name() const override { return "variant"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    for (Candidate& c : candidates) {
      if (IsOpen(c)) Choose(context, c);
    }
  }

 private:
  static void Choose(const PlanContext& context, Candidate& c) {
    const GlobalHoldOut& global = context.rules.hold_out;
    const std::string_view key = context.facts.users().ExperimentKey(c.user);
    const bool explain = c.user == context.explained;
    const Variant* variant = ChooseVariant(global, context.rule, key);
    if (variant == nullptr) {
      if (explain) c.detail = "template " + c.template_id;
      return;
    }
    c.variant = variant->id;
    c.template_id = variant->template_id;
    if (explain) {
      c.detail = fmt::format("variant {} of {:.4g}%, template {}; draw {:.4f}",
                             variant->id, variant->weight * 100, c.template_id,
                             VariantDraw(global, context.rule, key));
    }
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeVariantStage() {
  return std::make_unique<VariantStage>();
}

}  // namespace rekindle
