// Stored standings: find all, compare with the last ones, write what changed.
#include "engine/engine.h"
#include "engine/store/standing_store.h"

namespace rekindle {
namespace {

// Sets that differ from those of the same name before, packed on all cores.
std::vector<PackedSet> PackChanged(const Standings& before,
                                   const Standings& after, Workers& workers) {
  std::vector<const NamedSet*> changed;
  for (const NamedSet& set : after) {
    const auto same =
        std::find_if(before.begin(), before.end(), [&](const NamedSet& other) {
          return other.kind == set.kind && other.name == set.name;
        });
    if (same == before.end() || !(same->users == set.users)) {
      changed.push_back(&set);
    }
  }
  std::vector<PackedSet> packed(changed.size());
  workers.ForEach(changed.size(),
                  [&](size_t i) { packed[i] = PackSet(*changed[i]); });
  return packed;
}

}  // namespace

int64_t Engine::Recompute(Instant as_of) {
  std::lock_guard one(recompute_mutex_);
  const auto facts = At(as_of);
  Standings found = FindStandings(*facts);
  if (!standings_) standings_ = store_->Read(LoadStandings);
  StandingChanges changes{Changed(*standings_, found), {}, {}};
  changes.from = StandingsOf(*standings_, changes.users);
  changes.to = StandingsOf(found, changes.users);
  const std::vector<PackedSet> packed =
      PackChanged(*standings_, found, workers_);
  if (!packed.empty() || found.size() != standings_->size()) {
    store_->Write([&](SQLite::Database& db) {
      StoreSets(db, packed, found);
      StoreChanges(db, changes, as_of);
    });
  }
  standings_ = std::move(found);
  return static_cast<int64_t>(changes.to.of_user.size());
}

}  // namespace rekindle
