#include "engine/flows/flows.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/flows/active_periods.h"
#include "engine/flows/step_counts.h"

namespace rekindle {
namespace {

constexpr int32_t kNobody = std::numeric_limits<int32_t>::max();

// Walks every user from active period to active period. The idle periods in
// between need no looking at: they are dormant, then churned.
class Walk {
 public:
  Walk(const Snapshot& facts, StepCounts& steps)
      : facts_(facts),
        steps_(steps),
        unit_(facts.settings().lifecycle.period),
        churned_after_(facts.settings().lifecycle.churned_after) {}

  void Block(uint32_t block) {
    Start(block);
    ForEachActivePeriod(
        facts_.masks(), BehaviorSet::kActivity, unit_, block,
        [this](uint32_t i, int32_t period) { Activity(i, period); });
    const int32_t end = facts_.period() + 1;
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      if (registered_[i] != kNobody) Idle(i, end);
    }
  }

 private:
  void Start(uint32_t block) {
    UsersAsOf::BlockDays scratch;
    const int32_t* days = facts_.users_as_of().RegisteredDays(block, scratch);
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      const bool known = days[i] != kNoRegisteredDay;
      registered_[i] =
          known ? PeriodOf(DayFromNumber(days[i]), unit_) : kNobody;
      active_[i] = registered_[i];
      state_[i] = State::kNew;
      if (known) steps_.Add(State::kUnknown, State::kNew, registered_[i]);
    }
  }

  void Activity(uint32_t i, int32_t period) {
    if (period <= active_[i]) return;  // seen, or nobody's
    const State from = Idle(i, period);
    state_[i] =
        StateOf(registered_[i], period, true, active_[i], churned_after_);
    steps_.Add(from, state_[i], period);
    active_[i] = period;
  }

  // The periods after the last active one and before `next`; gives the state
  // in the last of them.
  State Idle(uint32_t i, int32_t next) {
    const int64_t churns = int64_t{active_[i]} + churned_after_;
    const auto split = static_cast<int32_t>(std::min<int64_t>(churns, next));
    const State state =
        Stay(state_[i], State::kDormant, active_[i] + 1, split - 1);
    return Stay(state, State::kChurned, split, next - 1);
  }

  State Stay(State from, State to, int32_t first, int32_t last) {
    if (last < first) return from;
    steps_.Add(from, to, first);
    steps_.AddRun(to, to, first + 1, last);
    return to;
  }

  const Snapshot& facts_;
  StepCounts& steps_;
  const PeriodUnit unit_;
  const int churned_after_;
  std::array<int32_t, kBlockUsers> registered_{};  // period; kNobody
  std::array<int32_t, kBlockUsers> active_{};      // the last active period
  std::array<State, kBlockUsers> state_{};         // in that period
};

int64_t Active(const StepCounts::Steps& steps, State from) {
  int64_t users = 0;
  for (State to : kAllStates) {
    if (IsActiveState(to)) users += steps[StepCounts::Index(from, to)];
  }
  return users;
}

FlowRow::Share ShareOf(const StepCounts::Steps& steps, const FlowRow& before,
                       std::initializer_list<State> group) {
  FlowRow::Share share;
  for (State from : group) {
    share.active += Active(steps, from);
    share.size += before.count[static_cast<size_t>(from)];
  }
  return share;
}

FlowRow RowOf(int32_t period, const StepCounts::Steps& steps,
              const FlowRow& before) {
  FlowRow row;
  row.period = period;
  for (State to : kAllStates) {
    int64_t& users = row.count[static_cast<size_t>(to)];
    for (int from = 0; from < kStates; ++from) {
      users += steps[StepCounts::Index(static_cast<State>(from), to)];
    }
    row.total += users;
    if (IsActiveState(to)) row.mau += users;
  }
  row.old_users = ShareOf(
      steps, before,
      {State::kActive, State::kWoken, State::kReturned, State::kPreviousNew});
  row.new_users = ShareOf(steps, before, {State::kNew});
  row.dormant = ShareOf(steps, before, {State::kDormant});
  row.churned = ShareOf(steps, before, {State::kChurned});
  return row;
}

void AddTransitions(int32_t period, const StepCounts::Steps& steps,
                    std::vector<TransitionRow>& rows) {
  for (int from = 0; from < kStates; ++from) {
    for (State to : kAllStates) {
      const auto state = static_cast<State>(from);
      const int64_t users = steps[StepCounts::Index(state, to)];
      if (users != 0) rows.push_back({period, state, to, users});
    }
  }
}

// The earliest period of R; kNobody where nobody is known.
int32_t FirstPeriod(const Snapshot& facts) {
  std::optional<LocalDay> first;
  facts.Known().ForEach([&](UserNumber user) {
    const LocalDay day = facts.RegisteredOn(user);
    if (!first || day < *first) first = day;
  });
  if (!first) return kNobody;
  return PeriodOf(*first, facts.settings().lifecycle.period);
}

std::optional<double> Fraction(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<double> FlowRow::Share::rate() const {
  return Fraction(active, size);
}

std::optional<double> FlowRow::active_rate() const {
  return Fraction(mau, total);
}

FlowTables ComputeFlows(const Snapshot& facts) {
  FlowTables tables;
  const int32_t first = FirstPeriod(facts);
  if (first == kNobody) return tables;
  StepCounts steps(first, facts.period());
  Walk walk(facts, steps);
  const uint32_t size = facts.users().size();
  for (uint32_t block = 0; block * kBlockUsers < size; ++block) {
    walk.Block(block);
  }
  int32_t period = first;
  FlowRow before;
  for (const StepCounts::Steps& of_period : steps.Sum()) {
    before = RowOf(period, of_period, before);
    tables.flows.push_back(before);
    AddTransitions(period, of_period, tables.transitions);
    ++period;
  }
  return tables;
}

}  // namespace rekindle
