// The nightly job, through the engine's public interface.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace rekindle::bench {

// A segment that does not belong to the job (rules.py).
inline constexpr std::string_view kSelected = "selected";

// Everything found: one set a state, substate, label and segment.
struct Found {
  std::vector<UserSet> states;     // in the order of kAllStates
  std::vector<UserSet> substates;  // by state, `other` last in each
  std::vector<UserSet> labels;
  std::vector<UserSet> segments;
};

Found FindAll(const Snapshot& facts);
std::vector<UserSet> FindSegments(const Snapshot& facts);
std::vector<std::vector<UserNumber>> ToLists(const std::vector<UserSet>& sets);

// {"states": [[users, sum of ids], ...], "labels": ..., "segments": ...,
//  "inactive": [users by months of inactivity]}, ids as numbers.
nlohmann::json Answers(const Engine& engine, const Snapshot& facts);

}  // namespace rekindle::bench
