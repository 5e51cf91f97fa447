// The running daemon as an object, so that a test can hold one: main maps
// flags and signals to it, nothing more.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "daemon/control/control_server.h"
#include "daemon/intake/intake_server.h"
#include "daemon/pages/pages_server.h"
#include "daemon/polling/receipt_poller.h"
#include "daemon/receipts/receipt_committer.h"
#include "daemon/session/session.h"
#include "daemon/work/channel_watch.h"
#include "daemon/work/deliverer.h"
#include "daemon/work/scheduler.h"

namespace rekindle {

class App {
 public:
  // Loads the configuration (kConfiguration with the rendered diagnostics),
  // opens the folder (kConflict where it is in use), binds the listeners and
  // starts the threads.
  static Result<std::unique_ptr<App>> Start(const std::filesystem::path& file,
                                            const Clock& clock);
  // Stops taking work, finishes what is under way, saves. In this order:
  // intake, control socket and pages, polling, receipts, scheduler, deliveries,
  // checkpoint.
  ~App();

  ReloadStatus Reload();
  Session& session() { return *session_; }
  int pages_port() const { return pages_->port(); }
  const IntakeServer* intake() const { return intake_.get(); }  // may be none
  // One line for the service manager.
  std::string StatusLine() const;
  // False when the scheduler's loop has not turned for a minute.
  bool Alive() const;

 private:
  explicit App(std::unique_ptr<Session> session);
  Status StartIntake();

  std::unique_ptr<Session> session_;
  std::unique_ptr<Deliverer> deliverer_;
  std::unique_ptr<ChannelWatch> channel_watch_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<ReceiptCommitter> receipts_;
  std::unique_ptr<IntakeServer> intake_;
  std::unique_ptr<ReceiptPoller> receipt_poller_;
  std::unique_ptr<PagesServer> pages_;
  std::unique_ptr<ControlServer> control_;
};

}  // namespace rekindle
