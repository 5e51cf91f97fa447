// Any provider with an HTTP interface: the request and how its answer is read
// are written in the settings.
#pragma once

#include <memory>

#include "channels/adapter/adapter.h"
#include "channels/http/settings.h"
#include "config/base/clock.h"

namespace rekindle {

std::unique_ptr<Adapter> MakeHttpRequestAdapter(
    HttpRequestSettings settings, std::shared_ptr<const Clock> clock);

}  // namespace rekindle
