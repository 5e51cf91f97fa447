#include "channels/http/request_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "channels/adapter/settings_keys.h"
#include "channels/http_client/url_check.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

constexpr std::string_view kPart = "parts.";
constexpr std::string_view kSecret = "secret.";

// Parses texts with variables, and notes what they name.
class Texts {
 public:
  Texts(yaml::Diagnostics& d, const RequestVariables& variables,
        const RequestSettings& settings, NamedVariables* named)
      : d_(d), variables_(variables), settings_(settings), named_(*named) {}

  std::optional<TemplateText> Parse(const yaml::Node& node,
                                    std::string_view what) {
    const auto text = node.AsString(d_, what);
    if (!text) return std::nullopt;
    size_t offset = 0;
    auto parsed = TemplateText::Parse(*text, &offset);
    if (!parsed) {
      d_.Error(node.position(),
               fmt::format("{}: {}", what, parsed.error().message));
      return std::nullopt;
    }
    for (const std::string& name : parsed->Variables()) {
      Note(name, *parsed, node);
    }
    return *std::move(parsed);
  }

  std::vector<std::pair<std::string, TemplateText>> ParseMap(
      const yaml::Node& node, std::string_view what) {
    std::vector<std::pair<std::string, TemplateText>> texts;
    if (!node.IsMap()) {
      d_.Error(node.position(), fmt::format("{} must be a map of texts, not {}",
                                            what, node.KindName()));
    }
    for (const auto& [key, value] : node.Entries()) {
      if (auto text = Parse(value, key.text())) {
        texts.emplace_back(key.text(), std::move(*text));
      }
    }
    return texts;
  }

 private:
  void Note(const std::string& name, const TemplateText& text,
            const yaml::Node& node) {
    if (variables_.parts && name.starts_with(kPart)) {
      const bool needed =
          !text.Render(
                   [&](std::string_view other) -> std::optional<std::string> {
                     if (other == name) return std::nullopt;
                     return "x";
                   },
                   Escaping::kNone)
               .has_value();
      const std::string part = name.substr(kPart.size());
      (needed ? named_.required_parts : named_.optional_parts).insert(part);
      return;
    }
    std::vector<std::string> known = variables_.known;
    known.insert(known.end(),
                 {"timestamp", "timestamp_ms", "signature", "body"});
    for (const auto& [secret, value] : settings_.secrets) {
      known.push_back(std::string(kSecret) + secret);
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      named_.variables.insert(name);
    } else if (name == "address") {
      d_.Error(node.position(), "{{address}} needs an address_field");
    } else {
      d_.Error(
          node.position(),
          fmt::format(
              "there is no variable \"{}\"{}; {}secrets {}", name,
              Suggestion(name, known),
              variables_.parts ? "parts of the message are parts.NAME, " : "",
              variables_.parts ? "secret.NAME" : "are secret.NAME"));
    }
  }

  yaml::Diagnostics& d_;
  const RequestVariables& variables_;
  const RequestSettings& settings_;
  NamedVariables& named_;
};

void TakeSecrets(yaml::Section& section, RequestSettings* settings) {
  const auto node = section.Take("secrets");
  if (!node) return;
  yaml::Diagnostics& d = section.diagnostics();
  if (!node->IsMap()) {
    d.Error(node->position(), "secrets must be a map of secrets");
  }
  for (const auto& [name, value] : node->Entries()) {
    // One that cannot be had is told once, not again wherever it is named.
    settings->secrets[name.text()] =
        ParseSecret(value, d, name.text()).value_or(Secret());
  }
}

// Where a request goes is for the settings to say, not for a user's data.
void TakeUrl(yaml::Section& section, Texts& texts, RequestSettings* settings) {
  const auto node = section.Require("url");
  if (!node) return;
  yaml::Diagnostics& d = section.diagnostics();
  if (auto url = texts.Parse(*node, "url")) settings->url = std::move(*url);
  const std::string& text = node->text();
  const size_t scheme = text.find("://");
  const size_t path =
      scheme == text.npos ? 0 : text.find_first_of("/?", scheme + 3);
  if (text.find("{{") < std::min(path, text.size())) {
    d.Error(node->position(), "the host of url must not hold variables");
    return;
  }
  const std::string problem = UrlProblem(text.substr(0, path));
  if (!problem.empty()) d.Error(node->position(), problem);
}

void TakeMethod(yaml::Section& section, RequestSettings* settings) {
  const auto node = section.Take("method");
  if (node && CheckKnown(*node, section.diagnostics(), "method",
                         {"POST", "PUT", "PATCH", "GET"})) {
    settings->method = node->text();
  }
}

void TakeBody(yaml::Section& section, Texts& texts, RequestSettings* settings) {
  yaml::Diagnostics& d = section.diagnostics();
  int bodies = 0;
  std::optional<yaml::Node> last;
  for (const char* key : {"json", "form", "text"}) {
    const auto node = section.Take(key);
    if (!node) continue;
    ++bodies;
    last = node;
    if (key == std::string_view("json")) {
      settings->json = JsonTemplate::Parse(*node, [&](const yaml::Node& text) {
        return texts.Parse(text, "json");
      });
    } else if (key == std::string_view("form")) {
      settings->form = texts.ParseMap(*node, "form");
    } else {
      settings->text = texts.Parse(*node, "text");
    }
  }
  if (bodies > 1) {
    d.Error(last->position(), "give one of json, form and text");
  } else if (bodies > 0 && settings->method == "GET") {
    d.Error(last->position(), "a GET request has no body");
  }
}

void TakeAuth(yaml::Section& section, Texts& texts, RequestSettings* settings) {
  const auto node = section.Take("auth");
  if (!node) return;
  yaml::Section auth(*node, section.diagnostics(), "auth");
  if (const auto basic = auth.Take("basic")) {
    settings->basic = texts.Parse(*basic, "basic");
  }
  if (const auto bearer = auth.Take("bearer")) {
    settings->bearer = texts.Parse(*bearer, "bearer");
  }
  auth.Finish();
}

void TakeSignature(yaml::Section& section, Texts& texts,
                   RequestSettings* settings) {
  const auto node = section.Take("signature");
  if (!node) return;
  yaml::Diagnostics& d = section.diagnostics();
  yaml::Section keys(*node, d, "signature");
  RequestSignature signature;
  const auto key = keys.Require("key");
  const auto message = keys.Require("message");
  if (const auto hash = keys.Take("hash")) {
    if (CheckKnown(*hash, d, "hash", {"sha256", "sha1"})) {
      signature.hash =
          hash->text() == "sha1" ? HmacHash::kSha1 : HmacHash::kSha256;
    }
  }
  if (const auto encoding = keys.Take("encoding")) {
    signature.hex = CheckKnown(*encoding, d, "encoding", {"base64", "hex"}) &&
                    encoding->text() == "hex";
  }
  keys.Finish();
  if (!key || !message) return;
  auto key_text = texts.Parse(*key, "key");
  auto message_text = texts.Parse(*message, "message");
  if (!key_text || !message_text) return;
  signature.key = std::move(*key_text);
  signature.message = std::move(*message_text);
  settings->signature = std::move(signature);
}

}  // namespace

void TakeRequest(yaml::Section& section, const RequestVariables& variables,
                 RequestSettings* settings, NamedVariables* named) {
  TakeSecrets(section, settings);
  Texts texts(section.diagnostics(), variables, *settings, named);
  TakeUrl(section, texts, settings);
  TakeMethod(section, settings);
  if (const auto headers = section.Take("headers")) {
    settings->headers = texts.ParseMap(*headers, "headers");
  }
  TakeBody(section, texts, settings);
  TakeAuth(section, texts, settings);
  TakeSignature(section, texts, settings);
  settings->timeout =
      std::chrono::seconds(section.GetInteger("timeout_seconds", 15, 1, 300));
  settings->refuse_private_addresses = TakeRefusePrivate(section);
  settings->ca_file = TakeCaFile(section);
}

}  // namespace rekindle
