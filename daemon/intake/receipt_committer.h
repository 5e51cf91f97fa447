// Group commit of receipts: one thread takes what waits and writes all of it in
// one transaction, then says so. So callbacks that come at the same time share
// one sync of the disk.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "channels/receipts/receipt_reader.h"
#include "config/base/clock.h"
#include "daemon/intake/intake_stats.h"
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
  // Asked for receipts that have become due about once a second, and with
  // `at_end` before the committer stops.
  using Due = std::function<std::vector<Receipt>(bool at_end)>;

  ReceiptCommitter(Engine& engine, const Clock& clock, IntakeStats& stats,
                   Due due);
  // Commits what waits, then ends.
  ~ReceiptCommitter();

  // Without `done` nobody waits: such batches are written when they can be, and
  // given up where too many wait.
  void Submit(ReceiptBatch batch, Done done = nullptr);

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
  IntakeStats& stats_;
  const Due due_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<Waiting> waiting_;
  std::thread thread_;
};

}  // namespace rekindle
