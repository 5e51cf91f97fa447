// `receipts.poll`: how a provider is asked that only answers questions.
#pragma once

#include <chrono>
#include <optional>

#include "channels/http/request_settings.h"
#include "config/yaml/node.h"

namespace rekindle {

struct PollSettings {
  RequestSettings request;
  std::chrono::seconds every{60};
  // What the request names of a touch decides how it is asked: nothing: as a
  // whole, for whatever there is; else once a touch, the rest of these.
  bool per_touch = false;
  bool names_provider_id = false;  // a touch without one is not asked about
  bool names_address = false;      // likewise
  std::chrono::seconds give_up_after = std::chrono::hours(3 * 24);
  int concurrency = 4;

  // True where the answer can be about the touch alone that the request names,
  // so that its items need not name it again. To an address there may have been
  // several messages.
  bool names_message = false;
};

// `has_address`: whether the channel's touches have one, {{address}}. Nothing
// where something is wrong.
std::optional<PollSettings> ParsePoll(const yaml::Node& node,
                                      yaml::Diagnostics& d, bool has_address);

}  // namespace rekindle
