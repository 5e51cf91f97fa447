// Renderable: every text that the user might get must have all its variables,
// in every variant, so that the variants stay alike.
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class RenderableStage : public Stage {
 public:
  std::string_view name() const override { return "renderable"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    UserSet users(context.facts.users().size());
    for (const Candidate& c : candidates) {
      if (IsOpen(c)) users.Add(c.user);
    }
    context.texts.emplace(
        context.rule, context.rules, context.facts, users,
        TouchLinks(context.rule, context.channels, context.facts,
                   context.ledger, context.slot));
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      const auto missing = context.texts->MissingVariable(c.user, c.channels);
      if (context.Explains(c)) {
        context.detail =
            missing ? Phrase(*missing)
                    : Phrase("every variable has a value (language {})",
                             std::string(LanguageOf(context.facts, c.user)));
      }
      if (missing) Skip(c, Reason::kMissingVariable);
    }
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeRenderableStage() {
  return std::make_unique<RenderableStage>();
}

}  // namespace rekindle
