// `receipts.poll`: how to ask a provider that reports nothing by itself.
#pragma once

#include <chrono>
#include <optional>

#include "channels/http/request_settings.h"
#include "config/yaml/node.h"

namespace rekindle {

struct PollSettings {
  RequestSettings request;
  std::chrono::seconds every{60};
  // Whether the request names anything of a touch. If so, the provider is asked
  // once for each touch; else as a whole, for whatever there is.
  bool per_touch = false;
  bool names_provider_id = false;  // a touch without one is not asked about
  bool names_address = false;      // likewise
  std::chrono::seconds give_up_after = std::chrono::hours(3 * 24);
  int concurrency = 4;

  // True where the request names one message, so that the items of its answer
  // need not name it again. To an address there may have been several.
  bool names_message = false;
};

// `has_address`: whether the channel's touches have one, {{address}}. Nothing
// where something is wrong.
std::optional<PollSettings> ParsePoll(const yaml::Node& node,
                                      yaml::Diagnostics& d, bool has_address);

}  // namespace rekindle
