// The first step of a fill: turns one thread's batches into marks, sorted by
// block of users.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/behavior/behavior.h"
#include "engine/fill/filled_columns.h"
#include "engine/fill/mark_bins.h"
#include "engine/journal/journal.h"
#include "engine/model/event.h"
#include "engine/model/settings.h"

namespace rekindle {

// Not thread-safe.
class MarkSorter {
 public:
  // Marks the behaviors in `wanted`, each by its place in there.
  MarkSorter(const EngineSettings& settings,
             const std::vector<BehaviorIndex>& wanted);

  void Sort(const BatchView& batch);

  // The marks of the batches since Clear, in their order, by block of users.
  const MarkBins& marks() const { return marks_; }
  // Sets of behaviors by number, each as ascending places in `wanted`. They
  // stay when marks are cleared.
  using Set = std::vector<uint16_t>;
  std::span<const Set> sets() const { return sets_; }
  void Clear() { marks_.Clear(); }

  std::vector<OddMark> TakeOdd() { return std::exchange(odd_, {}); }
  // One more than the largest number of any user met; 0: none.
  UserNumber users() const { return users_; }

 private:
  // What events of a name are is a set (0 and up), nothing that is wanted, or
  // what the filters of the name's candidates say.
  static constexpr int32_t kNothing = -1;
  static constexpr int32_t kFiltered = -2;
  using Candidates = std::vector<BehaviorSet::Candidate>;

  void LearnNames(std::span<const std::string_view> texts);
  // The places in `wanted` of those for which is(candidate).
  template <class Is>
  Set PlacesOf(const Candidates& candidates, Is&& is) const;
  // kNothing for the empty set.
  int32_t NumberOf(const Set& set);
  int32_t FilteredSet(const BatchView& batch, size_t i);
  void MarkAt(UserNumber user, int32_t set, int64_t at);
  void MarkByDay(UserNumber user, int32_t set, int32_t day);
  void MarkOdd(UserNumber user, int32_t set, const Moment& when);

  const EngineSettings& settings_;
  const std::vector<BehaviorIndex>& wanted_;
  std::vector<Candidates> by_name_;  // by number of the name: those wanted
  std::vector<int32_t> set_by_name_;
  std::vector<Set> sets_;
  std::map<Set, int32_t> numbers_;
  MarkBins marks_;
  std::vector<OddMark> odd_;
  UserNumber users_ = 0;
  // The last day that an event was dated by, and whether its start is in it.
  std::optional<Moment> dated_;
  bool starts_in_it_ = false;
};

}  // namespace rekindle
