#include "channels/http/request_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "config/base/base64.h"
#include "config/base/json_text.h"
#include "config/templates/escape.h"

namespace rekindle {
namespace {

// Throws where a variable has no value: the message is at fault.
template <class Rendered>
auto OrThrow(Rendered rendered) {
  if (!rendered) {
    throw std::runtime_error("there is no " + rendered.error().message);
  }
  return *std::move(rendered);
}

std::string Render(const TemplateText& text, const RequestValues& values,
                   Escaping escaping = Escaping::kNone) {
  return OrThrow(text.Render(values.lookup(), escaping));
}

// No value of a message may begin another header.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return text;
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return hex;
}

class Builder {
 public:
  explicit Builder(const RequestSettings& settings) : settings_(settings) {}

  HttpRequest Build(RequestValues values) const {
    HttpRequest request;
    request.method = settings_.method;
    // A signature that the body holds cannot be of the body.
    if (settings_.signature && !SignsBody()) Sign(values);
    std::string type;
    request.body = Body(values, &type);
    values.Set("body", request.body);
    if (settings_.signature && SignsBody()) Sign(values);
    request.url = Render(settings_.url, values, Escaping::kUrl);
    request.headers = Headers(values, type);
    return request;
  }

 private:
  bool SignsBody() const {
    const auto names = settings_.signature->message.Variables();
    return std::find(names.begin(), names.end(), "body") != names.end();
  }

  void Sign(RequestValues& values) const {
    const RequestSignature& signature = *settings_.signature;
    const std::string digest =
        Hmac(signature.hash, Render(signature.key, values),
             Render(signature.message, values));
    values.Set("signature", signature.hex ? Hex(digest) : EncodeBase64(digest));
  }

  std::string Body(const RequestValues& values, std::string* type) const {
    if (settings_.json) {
      *type = "application/json; charset=utf-8";
      return JsonText(OrThrow(settings_.json->Render(values.lookup())));
    }
    if (!settings_.form.empty()) {
      *type = "application/x-www-form-urlencoded";
      std::string form;
      for (const auto& [name, text] : settings_.form) {
        if (!form.empty()) form += '&';
        form += EscapeUrl(name) + '=' + EscapeUrl(Render(text, values));
      }
      return form;
    }
    *type = "text/plain; charset=utf-8";
    return settings_.text ? Render(*settings_.text, values) : std::string();
  }

  std::vector<std::string> Headers(const RequestValues& values,
                                   const std::string& type) const {
    std::vector<std::string> headers = {"User-Agent: rekindle"};
    bool has_type = settings_.method == "GET";
    for (const auto& [name, text] : settings_.headers) {
      has_type |= IsContentType(name);
      headers.push_back(name + ": " + OneLine(Render(text, values)));
    }
    if (!has_type) headers.push_back("Content-Type: " + type);
    if (settings_.basic) {
      headers.push_back("Authorization: Basic " +
                        EncodeBase64(Render(*settings_.basic, values)));
    }
    if (settings_.bearer) {
      headers.push_back("Authorization: Bearer " +
                        OneLine(Render(*settings_.bearer, values)));
    }
    return headers;
  }

  static bool IsContentType(std::string_view name) {
    constexpr std::string_view kName = "content-type";
    return std::equal(
        name.begin(), name.end(), kName.begin(), kName.end(),
        [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
  }

  const RequestSettings& settings_;
};

}  // namespace

HttpOptions RequestOptions(const RequestSettings& settings) {
  HttpOptions options;
  options.timeout = settings.timeout;
  options.refuse_private_addresses = settings.refuse_private_addresses;
  options.ca_file = settings.ca_file.string();
  return options;
}

HttpRequest BuildRequest(const RequestSettings& settings,
                         RequestValues values) {
  return Builder(settings).Build(std::move(values));
}

std::vector<std::string> SecretsOf(const RequestSettings& settings) {
  std::vector<std::string> forms;
  for (const auto& [name, secret] : settings.secrets) {
    forms.push_back(secret.Reveal());
    forms.push_back(EscapeUrl(secret.Reveal()));
    forms.push_back(EncodeBase64(secret.Reveal()));
  }
  return forms;
}

}  // namespace rekindle
