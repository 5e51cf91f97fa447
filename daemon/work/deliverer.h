// One thread a channel that sends what is due.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "daemon/session/session.h"

namespace rekindle {

// Thread-safe.
class Deliverer {
 public:
  explicit Deliverer(Session& session);
  // Lets the requests under way finish, then ends; what is left stays planned.
  ~Deliverer();

  // Starts threads for channels that a reload brought.
  void Sync();
  // Call it when there may be something to send.
  void Wake();

 private:
  void Loop(std::string channel_id);
  // Sends what is due; tells a failure to the log.
  void SendDue(const std::string& channel_id);
  // Once, until it changes; empty: none.
  void LogFailure(const std::string& channel, const std::string& why);
  bool stopping() const;

  Session& session_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  uint64_t wakes_ = 0;
  std::map<std::string, std::thread> threads_;
  std::map<std::string, std::string> failures_;  // by channel, as logged last
};

}  // namespace rekindle
