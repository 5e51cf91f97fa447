#include "engine/back_filler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "engine/event_applier.h"

namespace rekindle {
namespace {

constexpr std::chrono::seconds kPauseAfterFailure{10};
constexpr int64_t kEventsBetweenTells = 4096;

// Ends the reading of the journal from within.
struct Stopped {};

void Pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, kPauseAfterFailure,
                                         [] { return false; });
}

}  // namespace

ActivityColumns FillColumns(const Journal& journal,
                            const EngineSettings& settings,
                            const std::vector<FillTask>& tasks,
                            const std::function<bool(int64_t)>& told) {
  const BehaviorSet& behaviors = settings.behaviors;
  ActivityColumns columns(behaviors.size());
  int64_t read = 0;
  try {
    for (const FillTask& task : tasks) {
      std::vector<char> wanted(behaviors.size(), false);
      for (BehaviorIndex b : task.behaviors) wanted[b] = true;
      journal.Read(task.after, [&](const StoredEvent& event) {
        if (++read % kEventsBetweenTells == 0 && !told(read)) throw Stopped();
        std::optional<Moment> when;
        behaviors.Match(event.name, event.properties, [&](BehaviorIndex b) {
          if (!wanted[b]) return;
          if (!when) when = MomentOf(event, settings.calendar);
          columns.Mark(b, event.user, *when);
        });
      });
    }
  } catch (const Stopped&) {
    // What was found so far is not whole; the caller knows.
  }
  return columns;
}

BackFiller::BackFiller(const Journal& journal,
                       std::shared_ptr<const EngineSettings> settings,
                       std::vector<FillTask> tasks,
                       std::function<void(const ActivityColumns&)> done)
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
      const ActivityColumns found =
          FillColumns(journal_, *settings_, tasks_, [&](int64_t events_read) {
            read_ = events_read;
            return !stop.stop_requested();
          });
      if (!stop.stop_requested()) done_(found);
      return;
    } catch (const std::exception& e) {
      spdlog::error("filling behaviors from raw events: {}; trying again",
                    e.what());
      Pause(stop);
    }
  }
}

}  // namespace rekindle
