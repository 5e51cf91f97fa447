#include "engine/back_filler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "engine/event_applier.h"
#include "engine/journal/batch.h"

namespace rekindle {
namespace {

constexpr std::chrono::seconds kPauseAfterFailure{10};

// Ends the reading of the journal from within.
struct Stopped {};

// One thread's reading: what an event's name makes of it is looked up once.
class BatchMarker {
 public:
  BatchMarker(const EngineSettings& settings,
              const std::vector<BehaviorIndex>& wanted,
              ActivityColumns& columns)
      : settings_(settings),
        wanted_(settings.behaviors.size(), false),
        columns_(columns) {
    for (BehaviorIndex b : wanted) wanted_[b] = true;
  }

  void Mark(const BatchView& batch) {
    for (size_t i = 0; i < batch.users.size(); ++i) {
      if (batch.names[i] == 0) continue;
      const Candidates& candidates = Of(batch, batch.names[i]);
      if (candidates.empty()) continue;
      const int32_t day = batch.days.empty() ? kExactTime : batch.days[i];
      const Moment when = MomentOf(batch.at[i], day, settings_.calendar);
      for (const auto& [behavior, filtered] : candidates) {
        if (filtered &&
            !settings_.behaviors.Filtered(behavior, batch.properties(i))) {
          continue;
        }
        columns_.Mark(behavior, batch.users[i], when);
      }
    }
  }

 private:
  using Candidates = std::vector<BehaviorSet::Candidate>;

  const Candidates& Of(const BatchView& batch, uint32_t name) {
    if (name >= by_name_.size()) by_name_.resize(name + 1);
    auto& known = by_name_[name];
    if (!known) {
      known = settings_.behaviors.CandidatesOf(batch.name_texts[name]);
      std::erase_if(*known, [&](const BehaviorSet::Candidate& candidate) {
        return !wanted_[candidate.behavior];
      });
    }
    return *known;
  }

  const EngineSettings& settings_;
  std::vector<char> wanted_;
  ActivityColumns& columns_;
  std::vector<std::optional<Candidates>> by_name_;
};

void Pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, kPauseAfterFailure,
                                         [] { return false; });
}

}  // namespace

FilledColumns FillColumns(const Journal& journal,
                          const EngineSettings& settings,
                          const std::vector<FillTask>& tasks,
                          const std::function<bool(int64_t)>& told) {
  const size_t threads = std::max(1u, std::thread::hardware_concurrency());
  FilledColumns filled;
  for (size_t i = 0; i < threads; ++i) {
    filled.emplace_back(settings.behaviors.size());
  }
  std::atomic<int64_t> read = 0;
  try {
    for (const FillTask& task : tasks) {
      std::vector<BatchMarker> markers;
      for (ActivityColumns& columns : filled) {
        markers.emplace_back(settings, task.behaviors, columns);
      }
      journal.ReadBatches(task.after, threads,
                          [&](size_t thread, const BatchView& batch) {
                            markers[thread].Mark(batch);
                            read += static_cast<int64_t>(batch.users.size());
                            if (!told(read)) throw Stopped();
                          });
    }
  } catch (const Stopped&) {
    // What was found so far is not whole; the caller knows.
  }
  return filled;
}

BackFiller::BackFiller(const Journal& journal,
                       std::shared_ptr<const EngineSettings> settings,
                       std::vector<FillTask> tasks,
                       std::function<void(const FilledColumns&)> done)
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
      const FilledColumns found =
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
