// Group commit: a thread takes what calls are waiting, appends all of their
// messages at once, waits until the disk has them, then answers. So calls that
// come at the same time share one sync of the disk, and the busier it is, the
// more share it. There are two such threads: while one waits for the disk and
// answers, the other appends, where there is enough to append.
#pragma once

#include <array>
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
  // Called on one of the committer's threads: true where every message of the
  // call is durable, or known already, or refused and kept as a dead letter.
  // False: the disk failed; what the call brought may be in or not. The call is
  // handed back, as its memory is best freed on the thread it came from.
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
  using Group = std::vector<Waiting>;

  void Loop();
  // Waits for work; empty at the end. A group comes with the turn to append.
  Group TakeGroup();
  // REQUIRES: the turn to append, which another thread may have from now on.
  void GiveTurn();
  // REQUIRES: the turn to append.
  Engine::Appended Begin(const Group& group, Instant now);
  // Tells each call of the group; `appended`: its messages are durable, `kept`:
  // so are the dead letters of what was refused.
  void Answer(Group& group, bool appended, bool kept);
  // Whether another group should be taken now. REQUIRES: mutex_ is held.
  bool IsTimeForGroup() const;
  // False where the step threw: the disk failed.
  bool Try(const std::function<void()>& step);
  void TakeOutcomes(std::vector<IntakeOutcome> outcomes, Group& group);
  void KeepRefused(const Group& group, Instant now);
  void Count(const Call& call);

  Engine& engine_;
  const Clock& clock_;
  RefusalLog& refusals_;
  IntakeStats& stats_;
  std::vector<MessageView> messages_;  // of whoever has the turn to append
  std::mutex mutex_;                   // guards the rest
  std::condition_variable wake_;
  bool stopping_ = false;
  bool turn_taken_ = false;
  Group waiting_;
  size_t waiting_messages_ = 0;
  size_t groups_under_way_ = 0;
  std::array<std::thread, 2> threads_;  // last: they use the rest
};

}  // namespace rekindle
