// Posts a touch to an HTTP endpoint, signed as Standard Webhooks 1.0 say.
#pragma once

#include <memory>
#include <string>

#include "channels/adapter/adapter.h"
#include "channels/webhook/settings.h"
#include "config/base/clock.h"

namespace rekindle {

std::unique_ptr<Adapter> MakeWebhookAdapter(WebhookSettings settings,
                                            std::shared_ptr<const Clock> clock);

// The request's body: the same bytes for every attempt of a touch.
std::string WebhookBody(const ClaimedTouch& touch, bool with_address);

}  // namespace rekindle
