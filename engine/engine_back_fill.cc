// Bringing the columns of new and changed behaviors up from the raw events.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "config/base/words.h"
#include "engine/engine.h"
#include "engine/event_applier.h"

namespace rekindle {
namespace {

std::string NamesOf(const EngineSettings& settings,
                    const std::vector<BehaviorIndex>& behaviors) {
  std::vector<std::string> names;
  for (BehaviorIndex b : behaviors) {
    names.push_back(settings.behaviors.at(b).name);
  }
  return Join(names, ", ");
}

// What was found of a user who was merged away goes to the other one.
void MoveOut(UserNumber user, UserNumber into, FilledBlock* block,
             ActivityColumns* columns) {
  for (auto& [key, masks] : block->masks) {
    const uint32_t days = masks->Take(user % kBlockUsers);
    if (days != 0) columns->Join(key.first, into, key.second, days);
  }
  if (!block->lasts) return;
  const int64_t last =
      std::exchange(block->lasts->at[user % kBlockUsers], kNever);
  if (last != kNever) columns->JoinLast(into, last);
}

}  // namespace

bool Engine::Filling::Has(BehaviorIndex behavior) const {
  return std::find(behaviors.begin(), behaviors.end(), behavior) !=
         behaviors.end();
}

Engine::Filling Engine::filling() const {
  std::lock_guard lock(filling_mutex_);
  if (filling_.behaviors.empty()) return {};
  Filling now = filling_;
  now.progress = filler_ ? filler_->progress() : 0;
  return now;
}

Status Engine::CheckFilled() const {
  const Filling now = filling();
  if (now.behaviors.empty()) return {};
  return Fail(ErrorKind::kConflict,
              fmt::format("{} is being filled in from raw events ({:.0f}% "
                          "done); try again in a while",
                          now.names, 100 * now.progress));
}

void Engine::StartFilling(std::vector<FillTask> tasks) {
  std::lock_guard lock(filling_mutex_);
  filling_ = {};
  fill_tasks_ = tasks;
  std::vector<BehaviorIndex>& behaviors = filling_.behaviors;
  for (const FillTask& task : tasks) {
    behaviors.insert(behaviors.end(), task.behaviors.begin(),
                     task.behaviors.end());
  }
  if (behaviors.empty()) return;
  std::sort(behaviors.begin(), behaviors.end());
  filling_.names = NamesOf(*settings_, behaviors);
  spdlog::info("{} is being filled in from raw events", filling_.names);
  try {
    filler_ = std::make_unique<BackFiller>(
        *journal_, settings_, std::move(tasks),
        [this](FilledColumns found) { FinishFilling(std::move(found)); });
  } catch (const std::system_error& e) {  // no thread can be had
    spdlog::error("{} waits to be filled in until the next reload: {}",
                  filling_.names, e.what());
  }
}

bool Engine::StopFilling() {
  std::unique_ptr<BackFiller> stopped;
  {
    std::lock_guard lock(filling_mutex_);
    stopped = std::move(filler_);
  }
  stopped.reset();  // waits for its thread, which may be finishing
  std::lock_guard lock(filling_mutex_);
  return !filling_.behaviors.empty();
}

std::vector<FillTask> Engine::FillTasks() const {
  std::lock_guard lock(filling_mutex_);
  return fill_tasks_;
}

void Engine::RestartFilling() {
  std::vector<FillTask> tasks = FillTasks();
  if (!tasks.empty()) StartFilling(std::move(tasks));
}

void Engine::FinishFilling(FilledColumns found) {
  std::lock_guard writing(writers_);
  std::unique_lock lock(mutex_);
  Recover();
  const Filling now = filling();
  try {
    for (bool whole = false; !whole;) {
      try {
        JoinFilled(std::move(found), columns_.get());
        ApplyAllMerges(columns_.get(), now.behaviors);
        whole = true;
      } catch (const DamagedBlockError& e) {
        RebuildColumn(e.block().column);
        found = FillColumns(*journal_, *settings_, FillTasks(), kToTheEnd);
      }
    }
  } catch (const std::exception& e) {
    // What is found once more would end in the same.
    spdlog::error("{} stays unfilled until the next reload: {}", now.names,
                  e.what());
    return;
  }
  for (UserNumber user : erased_while_filling_) columns_->Erase(user);
  erased_while_filling_.clear();
  unsaved_ = true;
  std::lock_guard pointer(filling_mutex_);
  spdlog::info("{} is filled in", filling_.names);
  filling_ = {};
  fill_tasks_.clear();
}

void Engine::JoinFilled(FilledColumns found, ActivityColumns* columns) const {
  if (found.users > 0) UserOf(*users_, found.users - 1);
  users_->Merged().ForEach([&](UserNumber user) {
    if (user / kBlockUsers >= found.blocks.size()) return;
    MoveOut(user, users_->Resolve(user), &found.blocks[user / kBlockUsers],
            columns);
  });
  const auto join_masks = [&](BehaviorIndex b) {
    for (uint32_t i = 0; i < found.blocks.size(); ++i) {
      auto& masks = found.blocks[i].masks;
      auto at = masks.lower_bound({b, INT32_MIN});
      for (; at != masks.end() && at->first.first == b; ++at) {
        columns->Join(b, at->first.second, i, std::move(at->second));
      }
    }
  };
  const auto join_lasts = [&] {
    for (uint32_t i = 0; i < found.blocks.size(); ++i) {
      auto& lasts = found.blocks[i].lasts;
      if (lasts) columns->Join(i, std::move(lasts));
    }
  };
  // A piece of work a column, and one for the last times.
  const size_t behaviors = columns->behaviors();
  workers_.ForEach(behaviors + 1, [&](size_t piece) {
    if (piece == behaviors) return join_lasts();
    join_masks(static_cast<BehaviorIndex>(piece));
  });
  for (const OddMark& odd : found.odd) {
    columns->Mark(odd.behavior, users_->Resolve(odd.user), odd.when);
  }
}

}  // namespace rekindle
