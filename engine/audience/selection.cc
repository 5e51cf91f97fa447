#include "engine/audience/selection.h"

#include <algorithm>
#include <utility>

#include "engine/audience/plan_terms.h"
#include "engine/audience/snapshot.h"
#include "engine/sets/set_memory.h"

namespace rekindle {
namespace {

// States and labels as the snapshot has found them. Who is known is found on
// the way: most conditions need no state.
class FoundTerms : public PlanTerms {
 public:
  using PlanTerms::PlanTerms;

  Term Known() override {
    return plan_.Scanned("known", [this](uint32_t block, BlockSet& users) {
      snapshot_.users_as_of().AddKnown(block, users);
    });
  }
  Term Labeled(size_t label) override {
    return Given(snapshot_.Labeled(label));
  }

  // Has the condition's users written to `words`.
  void Write(const Condition& condition, uint64_t* words) {
    plan_.Write(condition.Plan(*this), words);
  }

 protected:
  Term WholeState(State state) override {
    return Given(snapshot_.InState(state, ""));
  }

 private:
  // The snapshot keeps the words.
  Term Given(const UserSet& users) {
    return plan_.Given(users.words().data(), users.universe());
  }
};

}  // namespace

std::vector<UserSet> SelectEach(
    const Snapshot& facts, const std::vector<const Condition*>& conditions) {
  const uint32_t universe = facts.users().size();
  const SetRows rows(facts.users_as_of().set_memory(), conditions.size(),
                     universe);
  FoundTerms terms(facts);
  for (size_t i = 0; i < conditions.size(); ++i) {
    terms.Write(*conditions[i], rows.words(i));
  }
  terms.Finish();
  facts.workers().ForEach(BlocksOf(universe), [&](size_t block) {
    thread_local SetPlan::Bench bench;
    terms.Run(static_cast<uint32_t>(block), bench);
  });
  std::vector<UserSet> selected;
  for (size_t i = 0; i < conditions.size(); ++i) {
    selected.push_back(rows.Get(i));
  }
  return selected;
}

SelectionQueue::SelectionQueue(const Snapshot& facts,
                               std::vector<const Condition*> conditions,
                               size_t bytes_at_once)
    : facts_(facts),
      conditions_(std::move(conditions)),
      at_once_(std::max<size_t>(
          1, bytes_at_once / (facts.users().size() / 8 + 1))) {}

UserSet SelectionQueue::Next() {
  if (selected_.empty()) {
    const auto begin = conditions_.begin() + static_cast<ptrdiff_t>(next_);
    const size_t count = std::min(at_once_, conditions_.size() - next_);
    try {
      selected_ =
          SelectEach(facts_, {begin, begin + static_cast<ptrdiff_t>(count)});
    } catch (const std::exception&) {
      if (count == 1) throw;
      // The one that fails does so in its turn, after those before it.
      at_once_ = 1;
      return Next();
    }
    std::reverse(selected_.begin(), selected_.end());
    next_ += count;
  }
  UserSet users = std::move(selected_.back());
  selected_.pop_back();
  return users;
}

}  // namespace rekindle
