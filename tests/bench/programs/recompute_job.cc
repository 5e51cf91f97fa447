#include "tests/bench/programs/recompute_job.h"

#include <charconv>
#include <string_view>

namespace rekindle::bench {
namespace {

// Ids are "u" and digits.
uint64_t NumberOf(std::string_view id) {
  uint64_t number = 0;
  std::from_chars(id.data() + 1, id.data() + id.size(), number);
  return number;
}

class Totals {
 public:
  explicit Totals(const UserDirectory& users) : numbers_(users.size()) {
    for (UserNumber user = 0; user < users.size(); ++user) {
      numbers_[user] = NumberOf(users.IdOf(user));
    }
  }
  nlohmann::json Of(const std::vector<UserSet>& sets) const {
    auto totals = nlohmann::json::array();
    for (const UserSet& set : sets) {
      uint64_t sum = 0;
      set.ForEach([&](UserNumber user) { sum += numbers_[user]; });
      totals.push_back({set.Count(), sum});
    }
    return totals;
  }

 private:
  std::vector<uint64_t> numbers_;
};

}  // namespace

Found FindAll(const Snapshot& facts) {
  Found found;
  for (State state : kAllStates) {
    found.states.push_back(facts.InState(state, ""));
  }
  for (const auto& [state, parts] : facts.settings().lifecycle.substates) {
    for (const Substate& part : parts) {
      found.substates.push_back(facts.InState(state, part.name));
    }
    found.substates.push_back(facts.InState(state, "other"));
  }
  const size_t labels = facts.settings().preferences.labels.size();
  for (size_t label = 0; label < labels; ++label) {
    found.labels.push_back(facts.Labeled(label));
  }
  found.segments = FindSegments(facts);
  return found;
}

std::vector<UserSet> FindSegments(const Snapshot& facts) {
  const auto& segments = facts.settings().segments;
  std::vector<UserSet> found;
  for (size_t segment = 0; segment < segments.size(); ++segment) {
    if (segments[segment].name == kSelected) continue;
    found.push_back(facts.InSegment(segment));
  }
  return found;
}

std::vector<std::vector<UserNumber>> ToLists(const std::vector<UserSet>& sets) {
  std::vector<std::vector<UserNumber>> lists;
  lists.reserve(sets.size());
  for (const UserSet& set : sets) lists.push_back(set.ToList());
  return lists;
}

nlohmann::json Answers(const Engine& engine, const Snapshot& facts) {
  const Found found = FindAll(facts);
  const Totals totals(engine.users());
  std::vector<uint64_t> inactive;
  facts.Known().ForEach([&](UserNumber user) {
    const auto months = static_cast<size_t>(facts.InactivePeriods(user));
    if (months >= inactive.size()) inactive.resize(months + 1);
    ++inactive[months];
  });
  return {{"states", totals.Of(found.states)},
          {"labels", totals.Of(found.labels)},
          {"segments", totals.Of(found.segments)},
          {"inactive", inactive}};
}

}  // namespace rekindle::bench
