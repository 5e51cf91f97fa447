// The team's HTTP listener: status pages in Chinese and English, the JSON API
// under /api/v1/, /metrics, /healthz and /readyz. Meant for loopback; it has
// no login, shows no addresses, loads nothing from outside, and every request
// only reads. On loopback it answers to addresses, to localhost and to the name
// in pages.url alone.
#pragma once

#include <memory>

#include "daemon/intake/intake_server.h"
#include "daemon/polling/receipt_poller.h"
#include "daemon/receipts/receipt_stats.h"
#include "daemon/session/session.h"
#include "daemon/work/scheduler.h"

namespace rekindle {

class PagesServer {
 public:
  // Binds the configured address (kIo where it cannot) and serves on threads
  // of its own. All that is given outlives it; the intake may be nullptr:
  // there is none.
  static Result<std::unique_ptr<PagesServer>> Start(
      Session& session, const Scheduler& scheduler, const IntakeServer* intake,
      const ReceiptPoller& poller, const ReceiptStats& receipts);
  ~PagesServer();

  int port() const;

 private:
  struct Impl;
  explicit PagesServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
