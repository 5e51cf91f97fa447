// Settings of a `type: http` channel; README.md explains each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channels/http/answer_rules.h"
#include "channels/http/request_settings.h"
#include "config/yaml/node.h"

namespace rekindle {

struct HttpRequestSettings : RequestSettings {
  AnswerRules answer;
  std::vector<std::string> required_parts, optional_parts;  // as they are named
  std::string address_field;                                // empty: none
  int concurrency = 16;
  bool deduplicates = false;
};

// Takes every key but `type`; nothing where something is wrong.
std::optional<HttpRequestSettings> ParseHttpRequestSettings(
    yaml::Section& section);

}  // namespace rekindle
