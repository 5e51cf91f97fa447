// Dropping raw events by retention, and what must be sure before: columns are
// made anew from raw events where their blocks are damaged, but older months
// are read so seldom that it may be found out too late.
#include <spdlog/spdlog.h>

#include <map>
#include <utility>

#include "engine/columns/column_store.h"
#include "engine/engine.h"

namespace rekindle {
namespace {

// One by its name: a bad disk may have damaged thousands.
std::string TextOf(const std::vector<DamagedBlock>& damaged) {
  const std::string& first = damaged.front().what;
  if (damaged.size() == 1) return first;
  return first + ", and so are " + std::to_string(damaged.size() - 1) +
         " more blocks";
}

}  // namespace

int64_t Engine::PruneRawEvents() {
  std::lock_guard one(checkpoint_mutex_);  // keeps the settings, too
  const auto prunable = FindPrunable();
  if (!prunable) return 0;
  const std::vector<DamagedBlock> damaged = DamagedThatNeed(*prunable);
  std::lock_guard writing(writers_);
  std::unique_lock lock(mutex_);
  Recover();
  if (!MendBeforePruning(damaged)) return 0;
  SaveState();  // what is pruned must stand in the columns on disk
  return journal_->Prune(*prunable);
}

std::optional<Journal::Prunable> Engine::FindPrunable() {
  const auto newest = journal_->stats().last;
  if (!newest) return std::nullopt;
  const Journal::PruneLimits limits{RawEventsKeptFrom(*settings_, *newest),
                                    settings_->retain_bytes};
  if (!limits.before && !limits.bytes) return std::nullopt;
  if (!filling().behaviors.empty()) return std::nullopt;
  JournalPosition applied = 0;
  {
    std::lock_guard writing(writers_);
    RecoverFirst();
    applied = applied_;
  }
  return journal_->FindPrunable(limits, applied);
}

// Those of months of which nothing was pruned yet, and something is now (see
// CheckCanRebuild). Columns that the settings do not name are not looked at:
// nobody could mend them.
std::vector<DamagedBlock> Engine::DamagedThatNeed(
    const Journal::Prunable& events) const {
  if (!events.newest) return {};  // message ids alone
  const EngineSettings& settings = *settings_;
  const auto month_of = [&](Instant at) {
    return PeriodOf(settings.calendar.DayOf(at), PeriodUnit::kMonth);
  };
  const auto pruned_until = journal_->stats().pruned_until;
  MonthRange months;
  months.last = month_of(*events.newest);
  if (pruned_until) months.first = month_of(*pruned_until) + 1;
  if (months.first > months.last) return {};
  std::vector<DamagedBlock> damaged;
  const auto add = [&](const std::vector<DamagedBlock>& found) {
    damaged.insert(damaged.end(), found.begin(), found.end());
  };
  auto reader = block_readers_->Take();
  for (BehaviorIndex b = 0; b < settings.behaviors.size(); ++b) {
    const ColumnKey column = KeyOf(settings, b);
    if (BehaviorsOf(settings, column).front() != b) continue;  // seen before
    add(DamagedBlocks(reader.db(), column, months, workers_));
  }
  // Last times are of any month.
  if (!pruned_until) {
    add(DamagedLasts(reader.db(), KeyOf(settings, BehaviorSet::kActivity)));
  }
  return damaged;
}

bool Engine::MendBeforePruning(const std::vector<DamagedBlock>& damaged) {
  if (damaged.empty()) return true;
  std::map<std::string, std::vector<DamagedBlock>> by_definition;
  for (const DamagedBlock& block : damaged) {
    if (block.month) by_definition[block.column.definition].push_back(block);
  }
  try {
    for (const auto& [definition, blocks] : by_definition) {
      RebuildBlocks(blocks.front().column, blocks);
    }
  } catch (const std::exception& e) {
    const LocalDay day =
        settings_->calendar.DayOf(journal_->stats().last.value());
    if (std::exchange(told_day_, day) == day) return false;
    spdlog::error(
        "{}; nothing can be made anew from raw events: {}; so all of them are "
        "kept beyond retention, and it is tried again after each recompute: "
        "see what `rekindle store check` says, and where that does not help, "
        "put the data folder back from a backup",
        TextOf(damaged), e.what());
    return false;
  }
  for (const DamagedBlock& block : damaged) {
    if (!block.month) columns_->RenewLasts(block.block);
  }
  unsaved_ = true;
  told_day_.reset();
  spdlog::error("{}; made anew, before raw events are pruned", TextOf(damaged));
  return true;
}

}  // namespace rekindle
