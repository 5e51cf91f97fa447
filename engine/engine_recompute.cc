// Stored standings: find all, compare with the last ones, write what changed.
#include <spdlog/spdlog.h>

#include "engine/engine.h"

namespace rekindle {

StoredStandings Engine::ReadStandings() {
  try {
    return store_->Read(LoadStandings);
  } catch (const DamagedStandingsError& e) {
    spdlog::error(
        "{}; what the history of those users says from there on is "
        "lost, their states are found anew",
        e.what());
    store_->Write(MendStandings);
    return store_->Read(LoadStandings);
  }
}

int64_t Engine::Recompute(Instant as_of) {
  std::lock_guard one(recompute_mutex_);
  // What is found stands by itself: events come in again while it is stored.
  Standings found = FindStandings(*At(as_of));
  if (!standings_) standings_ = ReadStandings();
  StandingStep step = CompareStandings(*standings_, std::move(found), workers_);
  if (step.names_changed || !step.shards.empty()) {
    store_->Write([&](SQLite::Database& db) { StoreStep(db, step, as_of); });
  }
  standings_ = std::move(step.after);
  return step.changed_users;
}

}  // namespace rekindle
