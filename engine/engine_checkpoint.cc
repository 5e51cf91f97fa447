// Saving what is derived from the journal, with the position it reflects.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "engine/engine.h"

namespace rekindle {
namespace {

// So often that a restart has little to apply again, and so seldom that a long
// import does not feel it.
constexpr int64_t kEventsBetweenSaves = 4'000'000;

// Presence for the lifecycle, the preference window, and what rules mostly ask
// about.
int32_t MonthsInMemory(const EngineSettings& settings) {
  int32_t months = std::max(3, settings.lifecycle.churned_after + 1);
  const Duration& window = settings.preferences.window;
  if (window.unit == DurationUnit::kMonth) {
    months = std::max(months, window.count);
  }
  return months;
}

}  // namespace

int32_t Engine::InMemoryFrom(const EngineSettings& settings,
                             int32_t newest_month) {
  return newest_month - MonthsInMemory(settings) + 1;
}

void Engine::MakeDurable() const {
  journal_->Mend();
  journal_->AwaitDurable(journal_->end());
}

Engine::Unsaved Engine::TakeUnsaved() {
  MakeDurable();
  // First events may be newer on disk than the position, as blocks may. Where
  // they cannot be written, nothing is taken.
  store_->Write([&](SQLite::Database& db) { users_->Save(db); });
  users_->Saved();
  Unsaved taken;
  taken.position = applied_;
  taken.merges = std::exchange(unsaved_merges_, {});
  taken.moved = std::exchange(unsaved_moves_, false);
  const Filling now = filling();
  for (BehaviorIndex b = 0; b < columns_->behaviors(); ++b) {
    if (now.Has(b)) continue;  // on disk it stays as far behind as it is
    taken.behaviors.push_back(b);
    taken.columns.push_back(TakeChanges(KeyOf(*settings_, b), applied_,
                                        b == BehaviorSet::kActivity,
                                        &columns_->column(b)));
  }
  unsaved_ = false;
  events_since_save_ = 0;
  return taken;
}

void Engine::WriteUnsaved(const Unsaved& taken, bool at_once) {
  const auto finish = [&](SQLite::Database& db) {
    Store::SetMeta(db, "journal_position", std::to_string(taken.position));
    SQLite::Statement drop(db, "DELETE FROM unsaved_merges WHERE user = ?");
    for (UserNumber user : taken.merges) {
      drop.bind(1, static_cast<int64_t>(user));
      drop.exec();
      drop.reset();
    }
  };
  WriteChanges(*store_, taken.columns,
               at_once || taken.moved || !taken.merges.empty(), workers_,
               finish);
}

void Engine::GiveBackUnsaved(const Unsaved& taken) {
  for (size_t i = 0; i < taken.columns.size(); ++i) {
    GiveBack(taken.columns[i], &columns_->column(taken.behaviors[i]));
  }
  unsaved_merges_.insert(unsaved_merges_.end(), taken.merges.begin(),
                         taken.merges.end());
  unsaved_moves_ |= taken.moved;
  unsaved_ = true;
}

void Engine::SaveState(bool at_once) {
  if (!unsaved_ && !users_->IsSaveDue()) return;
  const Unsaved taken = TakeUnsaved();
  try {
    WriteUnsaved(taken, at_once);
  } catch (...) {
    GiveBackUnsaved(taken);
    throw;
  }
}

void Engine::Checkpoint() {
  std::lock_guard one(checkpoint_mutex_);
  SaveMeanwhile();
}

bool Engine::CheckpointIsDue() const {
  return events_since_save_ >= kEventsBetweenSaves;
}

void Engine::CheckpointIfDue() {
  std::unique_lock one(checkpoint_mutex_, std::try_to_lock);
  if (!one.owns_lock() || !CheckpointIsDue()) return;
  try {
    SaveMeanwhile();
  } catch (const std::exception& e) {
    // Nothing is lost, and the next one tries again.
    spdlog::warn("the activity columns could not be saved: {}", e.what());
  }
}

void Engine::SaveMeanwhile() {
  std::optional<Unsaved> taken;
  {
    std::lock_guard writing(writers_);
    RecoverFirst();
    std::shared_lock lock(mutex_);
    if (unsaved_ || users_->IsSaveDue()) taken = TakeUnsaved();
  }
  // Intake goes on meanwhile.
  try {
    if (taken) WriteUnsaved(*taken, /*at_once=*/false);
  } catch (...) {
    std::lock_guard writing(writers_);
    std::unique_lock lock(mutex_);
    GiveBackUnsaved(*taken);
    throw;
  }
  ReleaseOldMonths();  // questions may have read some, though nothing came
}

void Engine::ReleaseOldMonths() {
  std::lock_guard writing(writers_);
  // A snapshot may be alive, and may need them: another time then.
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  const auto months = columns_->Months(BehaviorSet::kActivity);
  if (months) columns_->Release(InMemoryFrom(*settings_, months->second));
}

}  // namespace rekindle
