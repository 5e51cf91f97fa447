// The users of many conditions at once.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/conditions/condition.h"

namespace rekindle {

class Snapshot;

// Gives what each condition's Select gives, in their order, from one pass over
// the users on all cores: what the conditions have in common is read once.
std::vector<UserSet> SelectEach(
    const Snapshot& facts, const std::vector<const Condition*>& conditions);

// Gives the same sets one after the other, and finds as many at a time as fit
// into `bytes_at_once`. `facts` and the conditions outlive it.
class SelectionQueue {
 public:
  static constexpr size_t kBytesAtOnce = 64 << 20;

  SelectionQueue(const Snapshot& facts,
                 std::vector<const Condition*> conditions,
                 size_t bytes_at_once = kBytesAtOnce);

  // The next condition's users. REQUIRES: there is one. Throws what the
  // condition's Select does, after those before it were given.
  UserSet Next();

 private:
  const Snapshot& facts_;
  const std::vector<const Condition*> conditions_;
  size_t at_once_;
  size_t next_ = 0;                // of conditions_
  std::vector<UserSet> selected_;  // the last of them is next
};

}  // namespace rekindle
