// Per run: of too many, those with the lowest hashes of rule, slot and user
// stay: a fair draw, the same in whatever order the users come. A slot opened
// again has what its touches left over.
#include <algorithm>

#include "config/base/hash.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class PerRunStage : public Stage {
 public:
  std::string_view name() const override { return "per_run"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    const auto& per_run = context.rule.limits.per_run;
    if (!per_run) return;
    const auto used = static_cast<int64_t>(
        context.ledger.InSlot(context.db, context.rule.id, context.slot)
            .Count());
    const auto left =
        static_cast<size_t>(std::max<int64_t>(0, *per_run - used));
    std::vector<Draw> draws = DrawAll(context, candidates);
    if (draws.size() > left) {
      std::nth_element(draws.begin(), draws.begin() + left, draws.end(),
                       &DrawnBefore);
    }
    for (size_t i = 0; i < draws.size(); ++i) {
      Candidate& c = *draws[i].candidate;
      if (context.Explains(c)) {
        context.detail =
            Phrase("{} for {} left of per_run {}, lowest hashes first",
                   Users(draws.size()), Places(left), *per_run);
      }
      if (i >= left) Skip(c, Reason::kPerRun);
    }
  }

 private:
  static Phrase Users(size_t n) {
    return n == 1 ? Phrase("{} user", n) : Phrase("{} users", n);
  }
  static Phrase Places(size_t n) {
    return n == 1 ? Phrase("{} place", n) : Phrase("{} places", n);
  }

  struct Draw {
    uint64_t hash;
    Candidate* candidate;
  };

  static bool DrawnBefore(const Draw& a, const Draw& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    return a.candidate->user < b.candidate->user;
  }

  static std::vector<Draw> DrawAll(const PlanContext& context,
                                   std::vector<Candidate>& candidates) {
    const std::string slot = std::to_string(ToMillis(context.slot));
    std::vector<Draw> draws;
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      const std::string_view key = context.facts.users().ExperimentKey(c.user);
      draws.push_back(
          {StableHash({"per_run", context.rule.id, slot, key}), &c});
    }
    return draws;
  }
};

}  // namespace

std::unique_ptr<const Stage> MakePerRunStage() {
  return std::make_unique<PerRunStage>();
}

}  // namespace rekindle
