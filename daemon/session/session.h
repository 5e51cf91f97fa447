// One open data folder with the configuration in force: what commands, pages
// and the scheduler share.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "channels/dispatcher.h"
#include "config/base/clock.h"
#include "daemon/session/configuration.h"
#include "engine/engine.h"
#include "rules/planner.h"

namespace rekindle {

// How the last reload ended, for the page, the log and the metrics.
struct ReloadStatus {
  Instant at;
  bool ok = true;
  // The diagnostics as rendered, or what failed; empty when ok.
  std::string errors;
  Instant running_since;
};

// Thread-safe.
class Session {
 public:
  // Opens the data folder. Touches that a crash left claimed become unknown.
  static Result<std::unique_ptr<Session>> Open(
      std::shared_ptr<const Configuration> configuration, const Clock& clock,
      BackFill back_fill = BackFill::kAtOnce);

  Engine& engine() { return *engine_; }
  const Clock& clock() const { return clock_; }
  std::shared_ptr<const Configuration> configuration() const;

  // Loads the files again, and takes all of them or nothing: if they are
  // broken, or the disk takes nothing, the old configuration stays and the
  // status says why; it does not throw. Who plans or explains sees the old
  // rules with the old settings, or the new with the new. What a reload cannot
  // change (data_dir, the listeners' addresses) is reported as needing a
  // restart.
  ReloadStatus Reload();
  ReloadStatus reload_status() const;

  // Plans without writing.
  std::vector<SlotPlan> Plan(Instant as_of, const Planner::Ask& ask);
  // Plans and writes, one caller at a time.
  std::vector<SlotPlan> Run(Instant as_of, const Planner::Ask& ask);
  std::vector<Planner::Explanation> Explain(
      UserNumber user, Instant as_of,
      const std::optional<std::string>& rule_id);
  // Sends what is due on the channel, notices to people first, one caller a
  // channel at a time. A fixed `clock` (--as-of) takes the place of the
  // session's. `control.live_rules` is set here.
  DispatchSummary Dispatch(const Channel& channel, const Clock& clock,
                           DeliveryControl control);
  // Sends the notices that are due on the channel, likewise.
  void SendNotices(const Channel& channel, const Clock& clock);
  // The channels, as the session's own dispatcher knows them.
  const Dispatcher& dispatcher() const { return dispatcher_; }

 private:
  Session(std::shared_ptr<const Configuration> configuration,
          const Clock& clock, std::unique_ptr<Engine> engine);
  std::mutex& ChannelMutex(const std::string& id);
  // Puts off touches of the channel that are due, but outside their window by
  // now.
  void PutOffClosed(const ClaimChannel& channel,
                    const Configuration& configuration, Instant now);
  // Gives the engine the loaded settings and records the rules' versions; or
  // says why that cannot be.
  Status TakeOver(const Configuration& loaded, Instant now);

  const Clock& clock_;
  std::unique_ptr<Engine> engine_;
  Dispatcher dispatcher_;
  mutable std::mutex mutex_;  // guards the members below
  std::shared_ptr<const Configuration> configuration_;
  ReloadStatus reload_;
  std::map<std::string, std::unique_ptr<std::mutex>> channel_mutexes_;
  std::mutex planning_;  // one tick at a time
  // Shared: rules are used with the engine's settings; alone: both change.
  // After planning_, before mutex_.
  std::shared_mutex in_force_;
};

}  // namespace rekindle
