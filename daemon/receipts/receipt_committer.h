// Group commit of receipts, wherever they come from: one thread takes what
// waits and writes all of it in one transaction, then says so. So those that
// come at the same time share one sync of the disk. Clicks that come too early
// to be judged wait here, too: the same thread looks after them.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "channels/receipts/receipt_reader.h"
#include "config/base/clock.h"
#include "daemon/receipts/click_judge.h"
#include "daemon/receipts/receipt_stats.h"
#include "engine/engine.h"
#include "engine/intake/dead_letter.h"

namespace rekindle {

struct ReceiptBatch {
  std::vector<Receipt> receipts;
  std::vector<RejectedRow> refused;  // become dead letters
};

// The batch of what a channel's provider said.
ReceiptBatch ToBatch(const std::string& channel, ReadReceipts read);

// Thread-safe.
class ReceiptCommitter {
 public:
  // Called on the committer's thread: true where all of the batch is durable.
  using Done = std::function<void(bool durable)>;

  // Both outlive it.
  ReceiptCommitter(Engine& engine, const Clock& clock);
  // Commits what waits, clicks that are not judged yet included, then ends.
  // REQUIRES: nobody uses it any more.
  ~ReceiptCommitter();

  // Without `done` nobody waits: such batches are written when they can be, and
  // given up where too many wait.
  void Submit(ReceiptBatch batch, Done done = nullptr);

  // The clicks it finds due are committed within about a second.
  ClickJudge& clicks() { return clicks_; }
  const ReceiptStats& stats() const { return stats_; }

 private:
  struct Waiting {
    ReceiptBatch batch;
    Done done;
  };

  void Loop();
  // Waits for work, at most a second.
  std::vector<Waiting> TakeGroup();
  void Commit(std::vector<Waiting> group);
  bool Write(const std::vector<Waiting>& group);
  void KeepForLater(std::vector<Waiting> group);

  Engine& engine_;
  const Clock& clock_;
  ReceiptStats stats_;
  ClickJudge clicks_;
  std::mutex mutex_;  // guards `stopping_` and `waiting_`
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<Waiting> waiting_;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace rekindle
