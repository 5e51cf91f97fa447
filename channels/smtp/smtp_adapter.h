// Sends a touch as a mail through a relay.
#pragma once

#include <memory>

#include "channels/adapter/adapter.h"
#include "channels/smtp/settings.h"
#include "config/base/clock.h"

namespace rekindle {

std::unique_ptr<Adapter> MakeSmtpAdapter(SmtpSettings settings,
                                         std::shared_ptr<const Clock> clock);

}  // namespace rekindle
