// Stored states and labels: compute all, compare, write what changed.
#include <map>

#include "engine/engine.h"
#include "engine/store/lifecycle_store.h"

namespace rekindle {
namespace {

// A text for each user, out of few different ones: each user has the number of
// one, and what is told apart later is a new number.
class UserTexts {
 public:
  explicit UserTexts(uint32_t universe) : number_(universe, 0) {}

  // Appends `word` to the texts of the users.
  void Append(const UserSet& users, const std::string& word) {
    std::map<uint32_t, uint32_t> longer;  // number before, number after
    users.ForEach([&](UserNumber user) {
      const uint32_t before = number_[user];
      auto found = longer.find(before);
      if (found == longer.end()) {
        found = longer.emplace(before, texts_.size()).first;
        texts_.push_back(texts_[before].empty() ? word
                                                : texts_[before] + ";" + word);
      }
      number_[user] = found->second;
    });
  }
  const std::string& Of(UserNumber user) const { return texts_[number_[user]]; }

 private:
  std::vector<uint32_t> number_;
  std::vector<std::string> texts_ = {""};
};

UserTexts SubstatesOf(const Snapshot& facts) {
  UserTexts texts(facts.users().size());
  for (const auto& [state, parts] : facts.settings().lifecycle.substates) {
    if (parts.empty()) continue;
    for (const Substate& part : parts) {
      texts.Append(facts.InState(state, part.name), part.name);
    }
    texts.Append(facts.InState(state, "other"), "other");
  }
  return texts;
}

UserTexts LabelsOf(const Snapshot& facts) {
  UserTexts texts(facts.users().size());
  const auto& labels = facts.settings().preferences.labels;
  for (size_t label = 0; label < labels.size(); ++label) {
    texts.Append(facts.Labeled(label), labels[label].name);
  }
  return texts;
}

struct ComputedStates {
  explicit ComputedStates(const Snapshot& facts)
      : states(facts.lifecycle().state),
        substates(SubstatesOf(facts)),
        labels(LabelsOf(facts)) {}

  StoredState Of(UserNumber user) const {
    if (states[user] == State::kUnknown) return {};
    return {states[user], substates.Of(user), labels.Of(user)};
  }

  const std::vector<State>& states;
  const UserTexts substates, labels;
};

// Walks the stored states beside the computed ones, both in order of users.
std::vector<StateChange> Compare(const ComputedStates& computed,
                                 SQLite::Database& db) {
  std::vector<StateChange> changes;
  UserNumber next = 0;
  const auto compare = [&](UserNumber user, const StoredState& stored) {
    StoredState now = computed.Of(user);
    if (!(now == stored)) changes.push_back({user, stored, std::move(now)});
  };
  const auto compare_until = [&](UserNumber end) {
    for (; next < end; ++next) compare(next, {});
  };
  ForEachStoredState(db, [&](UserNumber user, const StoredState& stored) {
    compare_until(user);
    compare(user, stored);
    next = user + 1;
  });
  compare_until(static_cast<UserNumber>(computed.states.size()));
  return changes;
}

}  // namespace

int64_t Engine::Recompute(Instant as_of) {
  std::lock_guard one(recompute_mutex_);
  const auto facts = At(as_of);
  const ComputedStates computed(*facts);
  const auto changes =
      store_->Read([&](SQLite::Database& db) { return Compare(computed, db); });
  if (!changes.empty()) {
    store_->Write(
        [&](SQLite::Database& db) { StoreChanges(db, changes, as_of); });
  }
  return static_cast<int64_t>(changes.size());
}

}  // namespace rekindle
