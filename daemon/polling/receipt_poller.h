// Asks the providers that report nothing by themselves: one thread for each
// channel that is polled, so that a slow one holds up nobody.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "config/base/stop_signal.h"
#include "daemon/polling/channel_poll.h"
#include "daemon/receipts/receipt_committer.h"
#include "daemon/session/session.h"

namespace rekindle {

// Thread-safe.
class ReceiptPoller {
 public:
  // What comes is written by the committer. Both outlive it.
  ReceiptPoller(Session& session, ReceiptCommitter& committer);
  // Gives up what is asked at the moment, and writes what came.
  ~ReceiptPoller();

  // After a reload.
  void Sync();

  // The counts of the channels that are polled, by id.
  std::map<std::string, PollStats> Stats() const;

 private:
  struct Worker {
    Worker(Session& session, ReceiptCommitter& committer,
           const std::string& channel, const StopSignal& stop)
        : poll(session, committer, channel, stop) {}
    ChannelPoll poll;
    std::thread thread;
  };

  void Loop(const std::string& channel, ChannelPoll& poll);

  Session& session_;
  ReceiptCommitter& committer_;
  StopSignal stop_;
  mutable std::mutex mutex_;  // guards the members below
  std::condition_variable wake_;
  uint64_t reloads_ = 0;
  std::map<std::string, std::unique_ptr<Worker>> workers_;
};

}  // namespace rekindle
