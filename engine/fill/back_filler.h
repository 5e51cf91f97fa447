// Makes the columns of behaviors that the configuration has added or changed,
// from the raw events that are kept, while everything else goes on.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "engine/fill/column_filler.h"
#include "engine/journal/journal.h"
#include "engine/model/settings.h"

namespace rekindle {

// Runs FillColumns on a thread of its own.
class BackFiller {
 public:
  // `done` is called on that thread with what was found, unless the filler is
  // destroyed before. A failure is logged, and tried again after a pause.
  BackFiller(const Journal& journal,
             std::shared_ptr<const EngineSettings> settings,
             std::vector<FillTask> tasks,
             std::function<void(FilledColumns)> done);
  // Stops the thread. REQUIRES: not called on that thread, nor while holding a
  // lock that `done` takes.
  ~BackFiller() = default;

  double progress() const;  // 0 to 1, by events read

 private:
  void Run(const std::stop_token& stop);

  const Journal& journal_;
  const std::shared_ptr<const EngineSettings> settings_;
  const std::vector<FillTask> tasks_;
  const std::function<void(FilledColumns)> done_;
  const int64_t all_;
  std::atomic<int64_t> read_ = 0;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace rekindle
