#include "engine/fill/back_filler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace rekindle {
namespace {

constexpr std::chrono::seconds kPauseAfterFailure{10};

void Pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, kPauseAfterFailure,
                                         [] { return false; });
}

}  // namespace

BackFiller::BackFiller(const Journal& journal,
                       std::shared_ptr<const EngineSettings> settings,
                       std::vector<FillTask> tasks,
                       std::function<void(FilledColumns)> done)
    : journal_(journal),
      settings_(std::move(settings)),
      tasks_(std::move(tasks)),
      done_(std::move(done)),
      all_(std::max<int64_t>(
          1, journal.stats().events * static_cast<int64_t>(tasks_.size()))),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

double BackFiller::progress() const {
  return std::min(1.0, static_cast<double>(read_) / static_cast<double>(all_));
}

void BackFiller::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      FilledColumns found =
          FillColumns(journal_, *settings_, tasks_, [&](int64_t events_read) {
            read_ = events_read;
            return !stop.stop_requested();
          });
      if (!stop.stop_requested()) done_(std::move(found));
      return;
    } catch (const std::exception& e) {
      spdlog::error("filling behaviors from raw events: {}; trying again",
                    e.what());
      Pause(stop);
    }
  }
}

}  // namespace rekindle
