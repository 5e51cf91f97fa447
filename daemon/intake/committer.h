// Group commit: one thread takes what calls are waiting, appends all of their
// messages at once, then answers them. So calls that come at the same time
// share one sync of the disk, and the busier it is, the more share it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "config/base/clock.h"
#include "daemon/intake/call.h"
#include "daemon/intake/intake_stats.h"
#include "daemon/intake/refusal_log.h"
#include "engine/engine.h"

namespace rekindle {

// Thread-safe.
class Committer {
 public:
  // Called on the committer's thread: true where every message of the call is
  // durable, or known already, or refused and kept as a dead letter. False:
  // the disk failed; what the call brought may be in or not.
  // The call comes back with it: its memory goes best where it came from.
  using Done = std::function<void(std::unique_ptr<Call> call, bool durable)>;

  Committer(Engine& engine, const Clock& clock, RefusalLog& refusals,
            IntakeStats& stats);
  // Commits what waits, then ends.
  ~Committer();

  // The caller sees to it that not too much waits (MemoryBudget).
  void Submit(std::unique_ptr<Call> call, Done done);

 private:
  struct Waiting {
    std::unique_ptr<Call> call;
    Done done;
  };

  void Loop();
  // Waits for work; empty at the end.
  std::vector<Waiting> TakeGroup();
  void Commit(std::vector<Waiting>& group);
  // False where the step threw: the disk failed.
  bool Try(const std::function<void()>& step);
  void Append(std::vector<Waiting>& group, Instant now);
  void KeepRefused(const std::vector<Waiting>& group, Instant now);
  void Count(const Call& call);

  Engine& engine_;
  const Clock& clock_;
  RefusalLog& refusals_;
  IntakeStats& stats_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<Waiting> waiting_;
  std::vector<MessageView> messages_;  // of the group under way
  std::thread thread_;
};

}  // namespace rekindle
