#include "engine/audience/findings.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/audience/condition.h"
#include "engine/audience/conditions/count_range.h"
#include "engine/audience/month_bits.h"
#include "engine/audience/named_sets.h"
#include "engine/audience/presence_scan.h"
#include "engine/audience/set_memory.h"
#include "engine/audience/snapshot.h"
#include "engine/preferences/label_scan.h"
#include "engine/settings.h"

namespace rekindle {
namespace {

// Where each set stands among the rows: states, labels, parts, segments.
struct Places {
  explicit Places(const EngineSettings& settings) {
    labels = StateScan::kRows;
    size_t next = labels + settings.preferences.labels.size();
    for (const auto& [state, substates] : settings.lifecycle.substates) {
      parts[static_cast<size_t>(state)] = next;
      if (!substates.empty()) next += substates.size() + 1;  // the rest
    }
    segments = next;
    all = segments + settings.segments.size();
  }

  size_t labels = 0;
  std::array<size_t, kStates> parts{};
  size_t segments = 0;
  size_t all = 0;
};

// The terms of a pass that fills the rows: states and labels are read from
// where the pass has just put them.
class PassTerms : public Terms {
 public:
  PassTerms(const Snapshot& facts, const SetRows& rows, const Places& places)
      : facts_(facts),
        rows_(rows),
        places_(places),
        segments_(settings().segments.size()) {
    for (State state : kAllStates) {
      const auto& parts = Parts(state);
      for (size_t i = 0; i < parts.size(); ++i) {
        plan_.Write(parts[i],
                    rows.words(places.parts[static_cast<size_t>(state)] + i));
      }
    }
    for (size_t i = 0; i < segments_.size(); ++i) {
      plan_.Write(InSegment(i), rows.words(places.segments + i));
    }
  }

  const SetPlan& plan() const { return plan_; }

  const Facts& facts() const override { return facts_; }
  Term Known() override { return Row(0); }
  Term InState(State state, std::string_view substate) override {
    if (substate.empty()) return Row(static_cast<size_t>(state));
    const std::vector<Substate>* substates = SubstatesOf(state);
    const std::vector<Term>& parts = Parts(state);
    for (size_t i = 0; i < parts.size(); ++i) {
      const bool is_rest = i + 1 == parts.size();
      if (substate == (is_rest ? kOtherPart : (*substates)[i].name)) {
        return parts[i];
      }
    }
    return Nobody();
  }
  Term LastActive(std::optional<LocalDay> first,
                  std::optional<LocalDay> last) override {
    Term users = Known();
    if (first) users = And(users, ActiveSince(*first));
    if (last) users = Minus(users, ActiveSince(*last + std::chrono::days(1)));
    return users;
  }
  Term DaysPresent(BehaviorIndex behavior, std::optional<DayRange> range,
                   int at_least, int at_most) override {
    const auto scan = std::make_shared<const PresenceScan>(
        facts_.masks(), behavior, range, at_least, at_most);
    if (const auto all = scan->same_for_all()) {
      return *all ? Known() : Nobody();
    }
    const auto block_of = [scan](uint32_t block, SetPlan::Words& users) {
      scan->Block(block, users);
    };
    return And(Known(), plan_.Scanned(scan->Name(), block_of));
  }
  Term Labeled(size_t label) override { return Row(places_.labels + label); }
  Term InSegment(size_t segment) override {
    std::optional<Term>& term = segments_[segment];
    if (!term) {
      term = And(Known(), settings().segments[segment].condition->Plan(*this));
    }
    return *term;
  }
  Term Whole(UserSet users) override {
    const UserSet& kept = whole_.emplace_back(std::move(users));
    return plan_.Given(kept.words().data(), kept.universe());
  }

 private:
  const EngineSettings& settings() const { return facts_.settings(); }

  Term Row(size_t row) {
    // Whole blocks, as the pass writes them.
    return plan_.Given(rows_.words(row), rows_.room());
  }
  // Month by month, the last one first, so that what several ask for is one
  // term.
  Term ActiveSince(LocalDay day) {
    Term users = Nobody();
    const auto months = facts_.masks().Months(BehaviorSet::kActivity);
    const int32_t first =
        months ? std::max(MonthOf(day), months->first) : INT32_MAX;
    for (int32_t month = MonthOf(facts_.today()); month >= first; --month) {
      const LocalDay begin = FirstDayOf(month, PeriodUnit::kMonth);
      const DayRange days{
          std::max(day, begin),
          std::min(LastDayOf(month, PeriodUnit::kMonth), facts_.today())};
      users = Or(users, DaysPresent(BehaviorSet::kActivity, days, 1, kMany));
    }
    const auto registered = [this, day](uint32_t block, SetPlan::Words& found) {
      facts_.AddRegisteredSince(day, block, found);
    };
    return Or(users,
              plan_.Scanned("registered since " + std::to_string(ToNumber(day)),
                            registered));
  }

  const std::vector<Substate>* SubstatesOf(State state) const {
    const auto found = settings().lifecycle.substates.find(state);
    return found == settings().lifecycle.substates.end() ? nullptr
                                                         : &found->second;
  }
  // Empty where the state has none.
  const std::vector<Term>& Parts(State state) {
    std::optional<std::vector<Term>>& parts =
        parts_[static_cast<size_t>(state)];
    if (parts) return *parts;
    std::vector<Term> found;
    const std::vector<Substate>* substates = SubstatesOf(state);
    if (substates != nullptr && !substates->empty()) {
      Term rest = InState(state, "");
      for (const Substate& substate : *substates) {
        found.push_back(And(substate.condition->Plan(*this), rest));
        rest = Minus(rest, found.back());
      }
      found.push_back(rest);
    }
    parts = std::move(found);
    return *parts;
  }

  const Snapshot& facts_;
  const SetRows& rows_;
  const Places& places_;
  std::array<std::optional<std::vector<Term>>, kStates> parts_;
  std::vector<std::optional<Term>> segments_;
  std::deque<UserSet> whole_;
};

std::vector<uint64_t*> LabelRows(const SetRows& rows, const Places& places,
                                 size_t labels) {
  std::vector<uint64_t*> words;
  for (size_t label = 0; label < labels; ++label) {
    words.push_back(rows.words(places.labels + label));
  }
  return words;
}

}  // namespace

Findings FindAll(const Snapshot& facts) {
  const EngineSettings& settings = facts.settings();
  const size_t labels = settings.preferences.labels.size();
  const uint32_t universe = facts.users().size();
  const Places places(settings);
  const SetRows rows(facts.set_memory(), places.all, universe);
  const StateScan state_scan(facts, rows);
  const LabelScan label_scan(facts, LabelRows(rows, places, labels));
  const PassTerms terms(facts, rows, places);
  facts.workers().ForEach(BlocksOf(universe), [&](size_t i) {
    thread_local SetPlan::Bench bench;
    const auto block = static_cast<uint32_t>(i);
    state_scan.Block(block);
    label_scan.Block(block, rows.words(0));
    terms.plan().Run(block, bench);
  });
  Findings found;
  found.states = state_scan.Get();
  for (size_t label = 0; label < labels; ++label) {
    found.labels.push_back(rows.Get(places.labels + label));
  }
  for (const auto& [state, substates] : settings.lifecycle.substates) {
    if (substates.empty()) continue;
    const auto s = static_cast<size_t>(state);
    for (size_t i = 0; i <= substates.size(); ++i) {
      found.parts[s].push_back(rows.Get(places.parts[s] + i));
    }
  }
  for (size_t i = 0; i < settings.segments.size(); ++i) {
    found.segments.push_back(rows.Get(places.segments + i));
  }
  return found;
}

}  // namespace rekindle
