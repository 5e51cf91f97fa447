// /metrics in the Prometheus text format 0.0.4.
#pragma once

#include <string>

#include "daemon/intake/intake_server.h"
#include "daemon/polling/receipt_poller.h"
#include "daemon/receipts/receipt_stats.h"
#include "daemon/session/session.h"

namespace rekindle {

// `intake` is nullptr where there is none.
std::string MetricsText(Session& session, const IntakeServer* intake,
                        const ReceiptPoller& poller,
                        const ReceiptStats& receipts);

}  // namespace rekindle
