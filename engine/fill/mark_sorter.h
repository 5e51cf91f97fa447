// The first step of a fill: one thread's batches become marks, sorted by block
// of users.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/behavior/behavior.h"
#include "engine/columns/mask_block.h"
#include "engine/event.h"
#include "engine/journal/journal.h"
#include "engine/settings.h"

namespace rekindle {

// One event of a block of users in eight bytes: the instant (epoch ms), below
// it the number of the set of behaviors that it is one of, then who of the
// block it was.
class Mark {
 public:
  // Instants from 1970 to 2109 fit.
  static bool Fits(int64_t at) {
    return 0 <= at && at < int64_t{1} << (64 - kLowBits);
  }
  static constexpr uint32_t kSets = 1 << 10;

  Mark() = default;
  // REQUIRES: Fits(at), and the set is below kSets.
  Mark(int64_t at, uint32_t set, uint32_t user)
      : bits_(static_cast<uint64_t>(at) << kLowBits | set << kUserBits | user) {
  }

  int64_t at() const { return static_cast<int64_t>(bits_ >> kLowBits); }
  uint32_t set() const {
    return static_cast<uint32_t>(bits_ >> kUserBits) % kSets;
  }
  uint32_t user() const { return static_cast<uint32_t>(bits_) % kBlockUsers; }

 private:
  static constexpr int kUserBits = 12;
  static constexpr int kLowBits = kUserBits + 10;
  static_assert(kBlockUsers == 1 << kUserBits);

  uint64_t bits_ = 0;
};

// An event that no mark can say: of another century, or dated by a day that
// its zone left out.
struct OddMark {
  BehaviorIndex behavior;
  UserNumber user;
  Moment when;
};

// Not thread-safe.
class MarkSorter {
 public:
  // The behaviors of `wanted` are marked, each as its place in there.
  MarkSorter(const EngineSettings& settings,
             const std::vector<BehaviorIndex>& wanted);

  void Sort(const BatchView& batch);

  // Of the batches since Clear, in their order.
  std::span<const Mark> marks(uint32_t block) const {
    return block < marks_.size() ? std::span<const Mark>(marks_[block])
                                 : std::span<const Mark>();
  }
  uint32_t blocks() const { return static_cast<uint32_t>(marks_.size()); }
  // By number: places in `wanted`, ascending. They stay when marks are cleared.
  using Set = std::vector<uint16_t>;
  std::span<const Set> sets() const { return sets_; }
  void Clear();

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
  std::vector<std::vector<Mark>> marks_;  // by block
  std::vector<OddMark> odd_;
  UserNumber users_ = 0;
  // The last day that an event was dated by, and whether its start is in it.
  std::optional<Moment> dated_;
  bool starts_in_it_ = false;
};

}  // namespace rekindle
