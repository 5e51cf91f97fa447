// Bringing the columns of new and changed behaviors up from the raw events.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

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

}  // namespace

bool Engine::Filling::Has(BehaviorIndex behavior) const {
  return std::find(behaviors.begin(), behaviors.end(), behavior) !=
         behaviors.end();
}

Engine::Filling Engine::filling() const {
  std::lock_guard lock(filling_mutex_);
  if (filling_.empty()) return {};
  return {filling_, filler_ ? filler_->progress() : 0};
}

Status Engine::CheckFilled() const {
  const Filling now = filling();
  if (now.behaviors.empty()) return {};
  return Fail(ErrorKind::kConflict,
              fmt::format("{} is being filled in from raw events ({:.0f}% "
                          "done); try again in a while",
                          NamesOf(*shared_settings(), now.behaviors),
                          100 * now.progress));
}

void Engine::StartFilling(std::vector<FillTask> tasks,
                          std::shared_ptr<const EngineSettings> settings) {
  std::lock_guard lock(filling_mutex_);
  filling_.clear();
  for (const FillTask& task : tasks) {
    filling_.insert(filling_.end(), task.behaviors.begin(),
                    task.behaviors.end());
  }
  std::sort(filling_.begin(), filling_.end());
  if (filling_.empty()) return;
  spdlog::info("{} is being filled in from raw events",
               NamesOf(*settings, filling_));
  filler_ = std::make_unique<BackFiller>(
      *journal_, std::move(settings), std::move(tasks),
      [this](const FilledColumns& found) { FinishFilling(found); });
}

bool Engine::StopFilling() {
  std::unique_ptr<BackFiller> stopped;
  {
    std::lock_guard lock(filling_mutex_);
    stopped = std::move(filler_);
  }
  stopped.reset();  // waits for its thread, which may be finishing
  std::lock_guard lock(filling_mutex_);
  return !filling_.empty();
}

void Engine::FinishFilling(const FilledColumns& found) {
  std::lock_guard writing(writers_);
  std::unique_lock lock(mutex_);
  Recover();
  TakeIn(found, filling().behaviors, columns_.get());
  for (UserNumber user : erased_while_filling_) columns_->Erase(user);
  erased_while_filling_.clear();
  unsaved_ = true;
  std::lock_guard pointer(filling_mutex_);
  spdlog::info("{} is filled in", NamesOf(*settings_, filling_));
  filling_.clear();
}

void Engine::TakeIn(const FilledColumns& found,
                    const std::vector<BehaviorIndex>& behaviors,
                    ActivityColumns* columns) const {
  for (const ActivityColumns& part : found) {
    columns->Join(part,
                  [this](UserNumber user) { return UserOf(*users_, user); });
  }
  for (BehaviorIndex b : behaviors) JoinAllMerges(columns, b);
}

}  // namespace rekindle
