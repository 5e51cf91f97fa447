// A request written in YAML: what a `type: http` channel sends, and what a
// provider is asked for receipts with (channels/receipts). README.md explains
// the keys.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "channels/http/json_template.h"
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

struct RequestSettings {
  std::string method = "POST";  // POST, PUT, PATCH or GET
  TemplateText url;
  std::vector<std::pair<std::string, TemplateText>> headers;
  // The body: one of these three, or none.
  std::optional<JsonTemplate> json;
  std::vector<std::pair<std::string, TemplateText>> form;
  std::optional<TemplateText> text;

  std::map<std::string, Secret> secrets;  // by name
  std::optional<TemplateText> basic;      // "user:password"
  std::optional<TemplateText> bearer;
  std::optional<RequestSignature> signature;

  std::chrono::seconds timeout{15};
  bool refuse_private_addresses = false;
  std::filesystem::path ca_file;  // empty: the system's authorities
};

// What the texts of a request may name, beside its secrets, `timestamp`,
// `timestamp_ms`, `signature` and `body`.
struct RequestVariables {
  std::vector<std::string> known;
  bool parts = false;  // parts.NAME, of the message
};

// The variables and parts that the texts of a request name.
struct NamedVariables {
  std::set<std::string> variables;
  // A part that is in both is required.
  std::set<std::string> required_parts, optional_parts;
};

// Takes the keys of a request; what is wrong is in the section's diagnostics.
void TakeRequest(yaml::Section& section, const RequestVariables& variables,
                 RequestSettings* settings, NamedVariables* named);

}  // namespace rekindle
