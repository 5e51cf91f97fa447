// The nightly job, through the engine's public interface.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "engine/engine.h"

namespace rekindle::bench {

// How many of the configured segments belong to the job (rules.py).
inline constexpr size_t kJobSegments = 20;

// Everything found: one set a state, substate, label and segment.
struct Found {
  std::vector<UserSet> states;     // in the order of kAllStates
  std::vector<UserSet> substates;  // by state, `other` last in each
  std::vector<UserSet> labels;
  std::vector<UserSet> segments;
};

Found FindAll(const Snapshot& facts);
std::vector<std::vector<UserNumber>> ToLists(const std::vector<UserSet>& sets);

// Bytes a user that the job has to look at in the smallest dense form that
// design.md describes: a byte counter a behavior and one of activity, three
// bytes of months, and four bytes (a mask of days) for each month that the
// substates name.
double BytesToRead(const EngineSettings& settings);

// {"states": [[users, sum of ids], ...], "labels": ..., "segments": ...,
//  "inactive": [users by months of inactivity]}, ids as numbers.
nlohmann::json Answers(const Engine& engine, const Snapshot& facts);

}  // namespace rekindle::bench
