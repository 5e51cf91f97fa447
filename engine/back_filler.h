// Columns of behaviors that configuration has added or changed, made from the
// raw events that are kept.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "engine/columns/activity_columns.h"
#include "engine/journal/journal.h"
#include "engine/settings.h"

namespace rekindle {

// Behaviors to fill from the events after a position.
struct FillTask {
  JournalPosition after = 0;
  std::vector<BehaviorIndex> behaviors;
};

// The days of the tasks' behaviors, by user number as stored: merges are not
// followed. Read by several threads, each into columns of its own: what was
// found is all of them together. Calls told(events read) now and then, from any
// of them; where that is false, the reading ends early.
using FilledColumns = std::vector<ActivityColumns>;
FilledColumns FillColumns(const Journal& journal,
                          const EngineSettings& settings,
                          const std::vector<FillTask>& tasks,
                          const std::function<bool(int64_t)>& told);

// The same on a thread of its own, beside everything else that goes on.
class BackFiller {
 public:
  // `done` is called on that thread with what was found, unless the filler is
  // destroyed before. A failure is logged, and tried again after a pause.
  BackFiller(const Journal& journal,
             std::shared_ptr<const EngineSettings> settings,
             std::vector<FillTask> tasks,
             std::function<void(const FilledColumns&)> done);
  // Stops. REQUIRES: not on its own thread, and no lock that `done` takes.
  ~BackFiller() = default;

  double progress() const;  // 0 to 1, by events read

 private:
  void Run(const std::stop_token& stop);

  const Journal& journal_;
  const std::shared_ptr<const EngineSettings> settings_;
  const std::vector<FillTask> tasks_;
  const std::function<void(const FilledColumns&)> done_;
  const int64_t all_;
  std::atomic<int64_t> read_ = 0;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace rekindle
