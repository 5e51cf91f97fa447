// The daemon's own time: recompute when it is due, work the slots that are
// due, save the columns; one thread, small steps.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "daemon/session/session.h"

namespace rekindle {

// What the health page and the watchdog read.
struct SchedulerHealth {
  Instant last_step;  // the loop's heartbeat
  std::optional<Instant> last_recompute;
  std::string failure;  // of the last step; empty: none
};

// Thread-safe.
class Scheduler {
 public:
  // `planned` is called after a step that may have left touches to send.
  Scheduler(Session& session, std::function<void()> planned);
  // Finishes the step under way, then ends.
  ~Scheduler();

  // Looks at the schedules again at once (after a reload).
  void Wake();
  SchedulerHealth health() const;

 private:
  void Loop();
  void Step(Instant now);
  void RecomputeIfDue(Instant now);
  void RunIfDue(Instant now);
  // Looks for what people want to be told of slots that are done.
  void NoteOutcomesIfDue(Instant now);
  // Drops expired touches of channels that are gone from the settings: nobody
  // drains those.
  void DropOfGoneChannels(Instant now);
  void CheckpointIfDue(Instant now);
  // The earliest next due instant over the enabled rules.
  Instant NextDue(Instant now) const;

  Session& session_;
  const std::function<void()> planned_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  SchedulerHealth health_;
  // Slots are looked at when this has come; reset by a reload.
  std::optional<Instant> next_due_;
  Instant next_checkpoint_;
  Instant next_failures_, next_harms_;
  Instant stepped_at_;
  std::thread thread_;
};

}  // namespace rekindle
