#include "engine/audience/plan_terms.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/audience/named_sets.h"
#include "engine/audience/snapshot.h"
#include "engine/columns/month_bits.h"
#include "engine/conditions/condition.h"
#include "engine/conditions/count_range.h"
#include "engine/model/settings.h"

namespace rekindle {

PlanTerms::PlanTerms(const Snapshot& facts)
    : snapshot_(facts),
      day_scans_(facts.masks()),
      segments_(facts.settings().segments.size()) {}

const Facts& PlanTerms::facts() const { return snapshot_; }

SetPlan::Term PlanTerms::InState(State state, std::string_view substate) {
  if (substate.empty()) return WholeState(state);
  const auto substates = facts().settings().lifecycle.SubstatesOf(state);
  const std::vector<Term>& terms = Substates(state);
  for (size_t i = 0; i < terms.size(); ++i) {
    const bool is_rest = i + 1 == terms.size();
    if (substate == (is_rest ? kOtherSubstate : substates[i].name)) {
      return terms[i];
    }
  }
  return Nobody();
}

SetPlan::Term PlanTerms::LastActive(std::optional<LocalDay> first,
                                    std::optional<LocalDay> last) {
  Term users = Known();
  if (first) users = And(users, ActiveSince(*first));
  if (last) users = Minus(users, ActiveSince(*last + std::chrono::days(1)));
  return users;
}

SetPlan::Term PlanTerms::DaysPresent(BehaviorIndex behavior,
                                     std::optional<DayRange> range,
                                     int at_least, int at_most) {
  return Answered(day_scans_.OnDays(behavior, range, at_least, at_most));
}

SetPlan::Term PlanTerms::DaysInARow(BehaviorIndex behavior,
                                    std::optional<DayRange> range, int days) {
  return Answered(day_scans_.InARow(behavior, range, days));
}

SetPlan::Term PlanTerms::Dropped(const DropQuestion& question) {
  return Answered(day_scans_.Dropped(question));
}

SetPlan::Term PlanTerms::InSegment(size_t segment) {
  std::optional<Term>& term = segments_[segment];
  if (term) return *term;
  const Condition& condition = *facts().settings().segments[segment].condition;
  // What takes long is kept for the next pass.
  term = condition.ReadsEvents() ? Whole(facts().InSegment(segment))
                                 : And(Known(), condition.Plan(*this));
  return *term;
}

SetPlan::Term PlanTerms::Whole(UserSet users) {
  const UserSet& kept = whole_.emplace_back(std::move(users));
  return plan_.Given(std::as_const(kept).words().data(), kept.universe());
}

void PlanTerms::Finish() { plan_.Finish(snapshot_.users().size()); }

void PlanTerms::Run(uint32_t block, SetPlan::Bench& bench) const {
  day_scans_.Block(block, bench.answers);
  plan_.Run(block, bench);
}

SetPlan::Term PlanTerms::Answered(const DayScans::Answer& answer) {
  if (const bool* all = std::get_if<bool>(&answer)) {
    return *all ? Known() : Nobody();
  }
  return And(Known(), plan_.Answer(std::get<size_t>(answer)));
}

// Month by month, the last one first, so that what several ask for is one term.
SetPlan::Term PlanTerms::ActiveSince(LocalDay day) {
  Term users = Nobody();
  const auto months = snapshot_.masks().Months(BehaviorSet::kActivity);
  const int32_t first =
      months ? std::max(MonthOf(day), months->first) : INT32_MAX;
  for (int32_t month = MonthOf(facts().today()); month >= first; --month) {
    const LocalDay begin = FirstDayOf(month, PeriodUnit::kMonth);
    const DayRange days{
        std::max(day, begin),
        std::min(LastDayOf(month, PeriodUnit::kMonth), facts().today())};
    users = Or(users, DaysPresent(BehaviorSet::kActivity, days, 1, kMany));
  }
  const auto registered = [this, day](uint32_t block, BlockSet& found) {
    snapshot_.users_as_of().AddRegisteredSince(day, block, found);
  };
  return Or(users,
            plan_.Scanned("registered since " + std::to_string(ToNumber(day)),
                          registered));
}

const std::vector<SetPlan::Term>& PlanTerms::Substates(State state) {
  std::optional<std::vector<Term>>& terms =
      substates_[static_cast<size_t>(state)];
  if (terms) return *terms;
  std::vector<Term> found;
  const auto substates = facts().settings().lifecycle.SubstatesOf(state);
  if (!substates.empty()) {
    Term rest = WholeState(state);
    for (const Substate& substate : substates) {
      found.push_back(And(substate.condition->Plan(*this), rest));
      rest = Minus(rest, found.back());
    }
    found.push_back(rest);
  }
  terms = std::move(found);
  return *terms;
}

}  // namespace rekindle
