// Bringing the columns up to the settings and the journal: at start, and after
// a reload.
#include <spdlog/spdlog.h>

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "engine/columns/column_store.h"
#include "engine/engine.h"
#include "engine/event_applier.h"

namespace rekindle {

ColumnKey Engine::KeyOf(const EngineSettings& settings, BehaviorIndex b) {
  return {settings.behaviors.at(b).definition, settings.calendar.zone_name()};
}

// True where the columns of the one are those of the other.
bool Engine::SameColumns(const EngineSettings& a, const EngineSettings& b) {
  if (a.behaviors.size() != b.behaviors.size()) return false;
  for (BehaviorIndex i = 0; i < a.behaviors.size(); ++i) {
    if (!(KeyOf(a, i) == KeyOf(b, i))) return false;
  }
  return true;
}

void Engine::RecutDays(const Calendar& calendar, const WriteAlso& also) {
  store_->Write([&](SQLite::Database& db) {
    const std::string before = Store::GetMeta(db, "time_zone", "");
    if (before != calendar.zone_name()) {
      in_doubt_ = true;  // memory is ahead of the store until the commit
      users_->Rezone(db, calendar);
      Store::SetMeta(db, "time_zone", calendar.zone_name());
    }
    if (also) also(db);
  });
  in_doubt_ = false;
}

JournalPosition Engine::SavedPosition() const {
  return store_->Read([](SQLite::Database& db) {
    return std::stoll(Store::GetMeta(db, "journal_position", "0"));
  });
}

Engine::LoadedColumns Engine::LoadColumns(
    const EngineSettings& settings) const {
  std::vector<ColumnKey> keys;
  for (BehaviorIndex b = 0; b < settings.behaviors.size(); ++b) {
    keys.push_back(KeyOf(settings, b));
  }
  {
    std::lock_guard lock(damaged_mutex_);
    damaged_.reset();  // that was of the columns before
  }
  ReaderPool& readers = *block_readers_;
  auto columns = std::make_unique<ActivityColumns>(
      keys.size(),
      [this, &readers, keys](BehaviorIndex b, int32_t month, uint32_t block) {
        auto reader = readers.Take();
        try {
          return ReadBlock(reader.db(), keys[b], month, block);
        } catch (const DamagedBlockError& e) {
          std::lock_guard lock(damaged_mutex_);
          damaged_ = e.block().column;
          throw;
        }
      });
  const auto newest =
      LastStoredMonth(readers.Take().db(), keys[BehaviorSet::kActivity]);
  const int32_t from = InMemoryFrom(settings, newest.value_or(0));
  std::vector<JournalPosition> reflects(keys.size());
  std::vector<std::vector<DamagedBlock>> damaged(keys.size());
  workers_.ForEach(keys.size(), [&](size_t b) {
    auto reader = readers.Take();
    ActivityColumns::Column& column =
        columns->column(static_cast<BehaviorIndex>(b));
    const auto position =
        LoadColumn(reader.db(), keys[b], from, &column, &damaged[b], workers_);
    // Damaged or not: last times may be older than the raw events that are
    // kept.
    const bool has_lasts =
        b != BehaviorSet::kActivity ||
        LoadLasts(reader.db(), keys[b], &column, &damaged[b]);
    reflects[b] = damaged[b].empty() && has_lasts ? position.value_or(0) : 0;
  });
  LoadedColumns loaded{std::move(columns), std::move(reflects), {}};
  for (const auto& blocks : damaged) {
    loaded.damaged.insert(loaded.damaged.end(), blocks.begin(), blocks.end());
  }
  return loaded;
}

Engine::BuiltColumns Engine::BuildColumns(const EngineSettings& settings,
                                          LoadedColumns loaded,
                                          FilledColumns tail) {
  for (;;) {
    try {
      return TryBuildColumns(settings, std::move(loaded), std::move(tail));
    } catch (const DamagedBlockError& e) {
      // One of those left on disk, which nobody had read yet.
      CheckCanRebuild({e.block()}, settings.calendar);
      store_->Write([&](SQLite::Database& db) { DropBlock(db, e.block()); });
      loaded = LoadColumns(settings);
      tail = ReadTail(settings, SavedPosition());
    }
  }
}

Engine::BuiltColumns Engine::TryBuildColumns(const EngineSettings& settings,
                                             LoadedColumns loaded,
                                             FilledColumns tail) {
  JournalPosition saved = SavedPosition();
  if (saved > journal_->end()) {
    // The newest batches were lost. The next ones have their numbers again, and
    // must not pass for applied.
    spdlog::error(
        "{}: raw events are missing: it ends at batch {}, and store.db knows "
        "of {}; what came from them stays, their message ids are not known",
        (data_dir_ / "journal.db").string(), journal_->end(), saved);
    saved = journal_->end();
    store_->Write([&](SQLite::Database& db) {
      Store::SetMeta(db, "journal_position", std::to_string(saved));
      LimitPositions(db, saved);
    });
  }
  CheckCanRebuild(loaded.damaged, settings.calendar);
  // Behaviors whose columns are older than the rest, or not there: by the
  // position to catch up from.
  std::map<JournalPosition, std::vector<BehaviorIndex>> behind;
  for (BehaviorIndex b = 0; b < loaded.reflects.size(); ++b) {
    if (loaded.reflects[b] < saved) behind[loaded.reflects[b]].push_back(b);
  }
  std::unique_ptr<ActivityColumns> columns = std::move(loaded.columns);
  ApplyUnsavedMerges(columns.get());
  JoinFilled(std::move(tail), columns.get());
  for (UserNumber user : store_->Read(UnfinishedErasures)) columns->Erase(user);
  applied_ = journal_->end();
  std::vector<FillTask> tasks;
  for (const auto& [from, behaviors] : behind) {
    tasks.push_back({from, behaviors});
  }
  if (back_fill_ == BackFill::kAtOnce) {
    JoinFilled(FillColumns(*journal_, settings, tasks, kToTheEnd),
               columns.get());
    for (const FillTask& task : tasks) {
      ApplyAllMerges(columns.get(), task.behaviors);
    }
    tasks.clear();
  }
  const bool unsaved =
      !behind.empty() || !unsaved_merges_.empty() || applied_ > saved;
  return {std::move(columns), std::move(tasks), unsaved};
}

void Engine::Install(BuiltColumns built) {
  columns_ = std::move(built.columns);
  unsaved_ = built.unsaved;
  StartFilling(std::move(built.left));
}

void Engine::CheckCanRebuild(const std::vector<DamagedBlock>& damaged,
                             const Calendar& calendar) const {
  const auto kept_after = journal_->stats().pruned_until;
  std::string lost;
  for (const DamagedBlock& block : damaged) {
    // Last times are of any month.
    const Instant start =
        block.month
            ? calendar.StartOf(FirstDayOf(*block.month, PeriodUnit::kMonth))
            : Instant::min();
    if (kept_after && *kept_after >= start) {
      lost += (lost.empty() ? "" : "; ") + block.what;
    } else {
      spdlog::error("{}; it is made anew from raw events", block.what);
    }
  }
  if (lost.empty()) return;
  throw std::runtime_error(
      lost +
      "; the raw events it came from are not kept any more: put the "
      "data folder back from a backup");
}

void Engine::ApplyUnsavedMerges(ActivityColumns* columns) {
  unsaved_merges_ = store_->Read([](SQLite::Database& db) {
    std::vector<UserNumber> merged;
    SQLite::Statement rows(db, "SELECT user FROM unsaved_merges");
    while (rows.executeStep()) merged.push_back(rows.getColumn(0).getUInt());
    return merged;
  });
  for (UserNumber user : unsaved_merges_) {
    const UserNumber into = users_->Resolve(user);
    if (into != user) columns->Merge(user, into);
  }
}

void Engine::ApplyAllMerges(ActivityColumns* columns,
                            const std::vector<BehaviorIndex>& behaviors) {
  users_->Merged().ForEach([&](UserNumber user) {
    const UserNumber into = users_->Resolve(user);
    for (BehaviorIndex b : behaviors) {
      unsaved_moves_ |= columns->MergeOne(b, user, into);
    }
  });
}

// Several where behaviors of different names mean the same; none where the
// column is of settings before.
std::vector<BehaviorIndex> Engine::BehaviorsOf(const EngineSettings& settings,
                                               const ColumnKey& column) {
  std::vector<BehaviorIndex> behaviors;
  for (BehaviorIndex b = 0; b < settings.behaviors.size(); ++b) {
    if (KeyOf(settings, b) == column) behaviors.push_back(b);
  }
  return behaviors;
}

void Engine::RebuildColumn(const ColumnKey& column) {
  if (BehaviorsOf(*settings_, column).empty()) return;
  const std::vector<DamagedBlock> damaged = DamagedBlocks(
      block_readers_->Take().db(), column, MonthRange(), workers_);
  CheckCanRebuild(damaged, settings_->calendar);
  if (damaged.empty()) return;
  RebuildBlocks(column, damaged);
  std::lock_guard lock(damaged_mutex_);
  if (damaged_ == column) damaged_.reset();
}

void Engine::RebuildBlocks(const ColumnKey& column,
                           const std::vector<DamagedBlock>& damaged) {
  const EngineSettings& settings = *settings_;
  const std::vector<BehaviorIndex> behaviors = BehaviorsOf(settings, column);
  // Apart from the columns in force: what fails half-way must not leave a block
  // there that is empty, and passes for whole.
  ActivityColumns anew(settings.behaviors.size());
  JoinFilled(FillColumns(*journal_, settings, {{0, behaviors}}, kToTheEnd),
             &anew);
  for (UserNumber user : store_->Read(UnfinishedErasures)) anew.Erase(user);
  unsaved_ = true;
  JoinMovedDays(anew, behaviors, damaged);
  for (BehaviorIndex b : behaviors) {
    for (const auto& [key, month, block, what] : damaged) {
      columns_->Renew(b, *month, block, anew.Block(b, *month, block));
    }
  }
}

// There they are with the other already, whose block in force may be whole, and
// not show the merge yet.
void Engine::JoinMovedDays(const ActivityColumns& anew,
                           const std::vector<BehaviorIndex>& behaviors,
                           const std::vector<DamagedBlock>& damaged) {
  std::set<std::pair<int32_t, uint32_t>> made_anew;
  for (const DamagedBlock& d : damaged) made_anew.emplace(*d.month, d.block);
  users_->Merged().ForEach([&](UserNumber user) {
    const UserNumber into = users_->Resolve(user);
    for (const auto& [month, block] : made_anew) {
      if (block != user / kBlockUsers) continue;
      if (made_anew.contains({month, into / kBlockUsers})) continue;
      for (BehaviorIndex b : behaviors) {
        const uint32_t days = anew.DayMask(b, into, month);
        if (days == 0) continue;
        columns_->Join(b, into, month, days);
        unsaved_moves_ = true;
      }
    }
  });
}

void Engine::MendColumns() {
  std::optional<ColumnKey> damaged;
  {
    std::lock_guard lock(damaged_mutex_);
    damaged = std::exchange(damaged_, std::nullopt);
  }
  if (!damaged) return;
  std::lock_guard writing(writers_);
  std::unique_lock lock(mutex_);
  Recover();
  RebuildColumn(*damaged);
}

void Engine::RecoverFirst() {
  if (!in_doubt_) return;
  std::unique_lock lock(mutex_);
  Recover();
}

void Engine::Recover() {
  if (!in_doubt_) return;
  journal_->Mend();
  users_->Reload(*store_);
  ledger_->Reload();
  const JournalPosition saved = SavedPosition();
  for (bool whole = false; !whole;) {
    try {
      ApplyUnsavedMerges(columns_.get());
      JoinFilled(ReadTail(*settings_, saved), columns_.get());
      whole = true;
    } catch (const DamagedBlockError& e) {
      RebuildColumn(e.block().column);
    }
  }
  SaveGoals(NoteTail(*settings_, saved));
  applied_ = journal_->end();
  unsaved_ = true;
  in_doubt_ = false;
}

FilledColumns Engine::ReadTail(const EngineSettings& settings,
                               JournalPosition after) const {
  FillTask tail{after, {}};
  for (BehaviorIndex b = 0; b < settings.behaviors.size(); ++b) {
    tail.behaviors.push_back(b);
  }
  return FillColumns(*journal_, settings, {tail}, kToTheEnd);
}

std::vector<GoalEvent> Engine::NoteTail(const EngineSettings& settings,
                                        JournalPosition after) {
  EventNoter noter(settings, *users_, *ledger_);
  // On one thread batches come in order.
  const auto reading = journal_->ReadBatches(after, 1);
  reading->Read(reading->batches(),
                [&](size_t, const BatchView& batch) { noter.Note(batch); });
  return noter.TakeGoals();
}

void Engine::Adopt(std::shared_ptr<const EngineSettings> settings,
                   const WriteAlso& also) {
  const bool unfilled = StopFilling();
  std::lock_guard one(checkpoint_mutex_);
  std::lock_guard writing(writers_);
  std::unique_lock lock(mutex_);
  std::optional<BuiltColumns> built;
  try {
    Recover();
    if (unfilled || !SameColumns(*settings_, *settings)) {
      SaveState();  // what is loaded next is all there is
      built = BuildColumns(*settings, LoadColumns(*settings),
                           ReadTail(*settings, SavedPosition()));
    }
    RecutDays(settings->calendar, also);
  } catch (...) {
    UndoAdopt();
    throw;
  }
  {
    std::lock_guard pointer(settings_mutex_);
    settings_ = std::move(settings);
  }
  if (built) Install(*std::move(built));
  try {
    SaveState();
  } catch (const std::exception& e) {
    // Nothing is lost, and the next checkpoint tries again.
    spdlog::warn("the activity columns could not be saved: {}", e.what());
  }
}

void Engine::UndoAdopt() {
  try {
    Recover();  // users, where their days were cut anew
  } catch (const std::exception& e) {
    // The next change tries again.
    spdlog::error("what a failed reload changed stays in doubt: {}", e.what());
  }
  RestartFilling();
}

}  // namespace rekindle
