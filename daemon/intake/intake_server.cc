#include "daemon/intake/intake_server.h"

#include <spdlog/spdlog.h>

namespace rekindle {

Result<std::unique_ptr<IntakeServer>> IntakeServer::Start(
    Session& session, const IntakeSettings& settings,
    ReceiptCommitter& receipts) {
  try {
    session.engine().PrepareForEvents();
  } catch (const std::exception& e) {
    // Whoever sends events hears of it; all else goes on.
    spdlog::error("intake: {}", e.what());
  }
  std::unique_ptr<IntakeServer> intake(
      new IntakeServer(session, settings, receipts));
  auto listener = Listener::Start(settings.listen, intake->reception_);
  if (!listener) return tl::make_unexpected(listener.error());
  intake->listener_ = std::move(*listener);
  intake->port_ = intake->listener_->port();
  const bool v6 = settings.listen.host.find(':') != std::string::npos;
  spdlog::info("intake on http://{}{}{}:{}", v6 ? "[" : "",
               settings.listen.host, v6 ? "]" : "", intake->port_);
  return intake;
}

}  // namespace rekindle
