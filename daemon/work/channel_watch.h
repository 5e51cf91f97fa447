// Finds out when a channel stops, works again, or delivers much less than it
// used to, and puts down a notice to people, which goes out through another
// channel.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "daemon/session/session.h"

namespace rekindle {

// The share of a channel's clear answers that were acceptances, in a span.
struct DeliveryShare {
  int64_t accepted = 0;
  int64_t answers = 0;  // temporary ones are none yet
  double share() const {
    return answers == 0
               ? 0
               : static_cast<double>(accepted) / static_cast<double>(answers);
  }
};
DeliveryShare ShareOf(const ChannelCounts& counts);
// True where the share of the last hour is less than half of that of the week
// before, both with enough answers (50 and 200) to say so.
bool HasDropped(const DeliveryShare& hour, const DeliveryShare& week);

// How a channel was found.
struct ChannelFinding {
  // "stopped", "paused", "draining", "delivers_less"; empty: none seen.
  std::string trouble;
  std::string why;  // of the trouble, for people
  // An attempt had a clear answer since the process began. The circuit breaker
  // starts closed, so that before one nobody knows whether it works.
  bool has_answered = false;
};
// What is to be told of the channel where `told` was last ("": nothing ever):
// its trouble, "works_again", or "" for no news.
std::string NewsOf(const ChannelFinding& found, const std::string& told);

class ChannelWatch {
 public:
  // Looks at the channels every ten seconds.
  explicit ChannelWatch(Session& session);
  ~ChannelWatch();

  // One look: what differs from the last notice about a channel is put down,
  // also where an earlier process put that down or it went to somebody whom
  // the settings named before. Thread-safe.
  void Look();

 private:
  void Loop();
  std::map<std::string, ChannelFinding> Find(
      const Configuration& configuration);

  Session& session_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rekindle
