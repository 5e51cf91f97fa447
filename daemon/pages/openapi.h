// The description of the JSON API, for clients.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace rekindle {

nlohmann::ordered_json OpenApi();  // OpenAPI 3.0

}  // namespace rekindle
