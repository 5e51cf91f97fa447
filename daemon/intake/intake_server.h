// The HTTP intake: what the world sends in, by Segment's tracking API. A
// request is answered 200 when everything it brought is durable.
//
//   Listener -> Connection -> Reception (who, what) -> Committer -> the engine
#pragma once

#include <memory>

#include "daemon/intake/listener.h"
#include "daemon/intake/reception.h"

namespace rekindle {

// Thread-safe.
class IntakeServer {
 public:
  // kIo where the address cannot be had. The session and the committer of
  // receipts outlive it.
  static Result<std::unique_ptr<IntakeServer>> Start(
      Session& session, const IntakeSettings& settings,
      ReceiptCommitter& receipts);

  // After a reload: new keys and limits, without a connection lost.
  void Adopt(const IntakeSettings& settings) { reception_.Adopt(settings); }
  // Accepts nobody any more, answers the calls that were handed to the
  // committers, and 503 to the rest. From then on it submits no receipts.
  void Drain() { listener_.reset(); }

  int port() const { return port_; }
  const IntakeStats& stats() const { return reception_.stats(); }
  int64_t waiting_bytes() const { return reception_.waiting().used(); }
  std::vector<LatestRefusal> LatestRefusals() const {
    return reception_.refusals().Latest();
  }

 private:
  IntakeServer(Session& session, const IntakeSettings& settings,
               ReceiptCommitter& receipts)
      : reception_(session, settings, receipts) {}

  Reception reception_;
  int port_ = 0;
  std::unique_ptr<Listener> listener_;
};

}  // namespace rekindle
