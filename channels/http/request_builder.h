// From settings and values to the request that goes out.
#pragma once

#include <string>
#include <vector>

#include "channels/http/request_settings.h"
#include "channels/http/request_values.h"
#include "channels/http_client/http_client.h"

namespace rekindle {

// Timeout, authorities and which addresses are refused; the rest is default.
HttpOptions RequestOptions(const RequestSettings& settings);

// Throws std::runtime_error where a variable has no value.
HttpRequest BuildRequest(const RequestSettings& settings, RequestValues values);

// The secrets in every form they take in a request: nothing that is told to
// people may hold one.
std::vector<std::string> SecretsOf(const RequestSettings& settings);

}  // namespace rekindle
