// The nightly job, through the engine's public interface.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "config/base/huge_pages.h"
#include "engine/engine.h"

namespace rekindle::bench {

// The users of several sets as lists of their numbers, in memory that is kept
// from one time to the next.
class IdLists {
 public:
  // On all cores.
  void Make(std::span<const UserSet> sets, Workers& workers);

 private:
  std::vector<std::vector<UserNumber, HugePages<UserNumber>>> lists_;
};

// {"states": [[users, sum of ids], ...], "labels": ..., "segments": ...,
//  "inactive": [users by months of inactivity]}, ids as numbers.
nlohmann::json Answers(const Engine& engine, const Snapshot& facts);

}  // namespace rekindle::bench
