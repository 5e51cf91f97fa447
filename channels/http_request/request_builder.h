// From settings and values to the request that goes out.
#pragma once

#include <string>
#include <vector>

#include "channels/http/http_client.h"
#include "channels/http_request/request_settings.h"
#include "channels/http_request/request_values.h"

namespace rekindle {

// Timeout, authorities and which addresses are refused; the rest is default.
HttpOptions RequestOptions(const RequestSettings& settings);

// Throws std::runtime_error where a variable has no value.
HttpRequest BuildRequest(const RequestSettings& settings, RequestValues values);

// The secrets in every form they take in a request: nothing that is told to
// people may hold one.
std::vector<std::string> SecretsOf(const RequestSettings& settings);

}  // namespace rekindle
