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
  nlohmann::json Of(std::span<const UserSet> sets) const {
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

void IdLists::Make(std::span<const UserSet> sets, Workers& workers) {
  lists_.resize(sets.size());
  workers.ForEach(sets.size(), [&](size_t i) {
    const size_t size = sets[i].Count();
    if (lists_[i].size() < size) lists_[i].resize(size);
    sets[i].ListInto(lists_[i]);
  });
}

nlohmann::json Answers(const Engine& engine, const Snapshot& facts) {
  const AudienceSets& sets = facts.ComputeAll();
  const Totals totals(engine.users());
  std::vector<uint64_t> inactive;
  facts.Known().ForEach([&](UserNumber user) {
    const auto months = static_cast<size_t>(facts.InactivePeriods(user));
    if (months >= inactive.size()) inactive.resize(months + 1);
    ++inactive[months];
  });
  return {{"states", totals.Of(std::span(sets.states.of).subspan(1))},
          {"labels", totals.Of(sets.labels)},
          {"segments", totals.Of(sets.segments)},
          {"inactive", inactive}};
}

}  // namespace rekindle::bench
