// Settings of a `type: http` channel; README.md explains each.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "channels/http_request/answer_rules.h"
#include "channels/http_request/json_template.h"
#include "config/base/hmac.h"
#include "config/secret.h"
#include "config/templates/template_text.h"
#include "config/yaml/node.h"

namespace rekindle {

// `{{signature}}`: a keyed hash of texts with variables.
struct RequestSignature {
  HmacHash hash = HmacHash::kSha256;
  TemplateText key, message;
  bool hex = false;  // else base64
};

struct HttpRequestSettings {
  std::string method = "POST";  // POST, PUT, PATCH or GET
  TemplateText url;
  std::vector<std::pair<std::string, TemplateText>> headers;
  // One of the three, or none.
  std::optional<JsonTemplate> json;
  std::vector<std::pair<std::string, TemplateText>> form;
  std::optional<TemplateText> text;

  std::map<std::string, Secret> secrets;  // by name
  std::optional<TemplateText> basic;      // "user:password"
  std::optional<TemplateText> bearer;
  std::optional<RequestSignature> signature;
  AnswerRules answer;

  std::vector<std::string> required_parts, optional_parts;  // as they are named
  std::string address_field;                                // empty: none
  std::chrono::seconds timeout{15};
  int concurrency = 16;
  bool refuse_private_addresses = false;
  bool deduplicates = false;
  std::filesystem::path ca_file;  // empty: the system's authorities
};

// Takes every key but `type`; nothing where something is wrong.
std::optional<HttpRequestSettings> ParseHttpRequestSettings(
    yaml::Section& section);

}  // namespace rekindle
