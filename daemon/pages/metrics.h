// /metrics in the Prometheus text format 0.0.4.
#pragma once

#include <string>

#include "daemon/session.h"

namespace rekindle {

std::string MetricsText(Session& session);

}  // namespace rekindle
