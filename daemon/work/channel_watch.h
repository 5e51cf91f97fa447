// Tells people when a channel stops, works again, or delivers much less than it
// used to: the notices go out through another channel.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
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

// What a channel's standing makes worth telling: "stopped", "held" or
// "dropped", with words for people; nothing where all is well.
struct Trouble {
  std::string what;
  std::string why;
};

class ChannelWatch {
 public:
  // Looks at the channels twice a minute.
  explicit ChannelWatch(Session& session);
  ~ChannelWatch();

  // One look: what has changed since the last one is told, a trouble once.
  void Look();

 private:
  struct Notice {
    std::string channel;  // it goes out through this one
    ClaimedTouch touch;
    Instant give_up;
  };
  void Loop();
  std::map<std::string, Trouble> Troubles(const Configuration& configuration);
  void Tell(const Configuration& configuration, const Channel& about,
            const std::string& what, const std::string& why);
  void SendNotices(const Configuration& configuration);

  Session& session_;
  std::map<std::string, Trouble> told_;  // by channel
  std::deque<Notice> notices_;           // not delivered yet
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rekindle
