// The other end of an adapter under test: a server that does to each message
// what the message asks for.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "channels/adapter/adapter.h"

namespace rekindle::conformance {

// Secrets and addresses that must not be found anywhere but on the wire.
inline constexpr char kSecret[] = "canary-secret-8a61";
inline constexpr char kAddressCanary[] = "canary-address-17";

// What the peer does. A message carries its behavior as "kit-<behavior>-<n>",
// in its touch id or its address.
inline const std::vector<std::string>& Behaviors() {
  static const std::vector<std::string> behaviors = {
      "accept",     // says yes
      "recipient",  // this recipient is no more
      "busy",       // not now
      "account",    // you may not
      "message",    // this message is at fault
      "silence",    // takes it and says nothing
      "reset",      // takes it and resets the connection
      "garbage",    // answers what is no answer
      "huge",       // answers without end
      "slow",       // answers in drops
      "cutoff",     // half an answer, then gone
  };
  return behaviors;
}

// One adapter with its peer.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual std::unique_ptr<Adapter> Open() = 0;
  // One whose peer is not there.
  virtual std::unique_ptr<Adapter> OpenDeserted() = 0;
  virtual ClaimedTouch Touch(const std::string& behavior, int n) = 0;
  // By behavior, the class of the outcome; absent: it cannot happen here.
  virtual std::map<std::string, std::string> Expected() const = 0;
  // The idempotency keys that arrived, one a message.
  virtual std::vector<std::string> Keys() const = 0;
};

std::unique_ptr<Subject> MakeWebhookSubject();
std::unique_ptr<Subject> MakeHttpSubject();
std::unique_ptr<Subject> MakeSmtpSubject();
std::unique_ptr<Subject> MakeFileSubject();

}  // namespace rekindle::conformance
