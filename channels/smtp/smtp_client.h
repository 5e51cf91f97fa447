// Sends mails to one server over a few connections, all on one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "channels/adapter/adapter.h"
#include "channels/smtp/settings.h"
#include "channels/smtp/smtp_session.h"

namespace rekindle {

// Keeps its connections between calls. One thread at a time.
class SmtpClient {
 public:
  // `settings` outlives the client.
  explicit SmtpClient(const SmtpSettings& settings);
  ~SmtpClient();

  // The mail of a touch, or its outcome where there is nothing to send.
  using Make =
      std::function<std::variant<SmtpMail, Outcome>(const ClaimedTouch&)>;
  using Judge = std::function<Outcome(const ClaimedTouch&, const SmtpResult&)>;

  // Sends what the outbox gives and reports what `judge` makes of each end,
  // until the outbox has ended. What `make` throws is reported as a bad
  // message. Where a connection or a log-in fails, the next is tried a second
  // later, and only one at a time: many wrong passwords get accounts locked.
  void Run(Outbox& outbox, const Make& make, const Judge& judge);

 private:
  friend class SmtpRun;

  const SmtpSettings& settings_;
  std::unique_ptr<TlsContext> tls_;  // from the first connection on
  std::vector<std::unique_ptr<SmtpSession>> sessions_;
};

}  // namespace rekindle
