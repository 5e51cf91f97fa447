#include "channels/http_request/http_request_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

#include "channels/answer_text.h"
#include "channels/base64.h"
#include "channels/http/http_outcome.h"
#include "channels/http_request/request_values.h"
#include "config/templates/escape.h"

namespace rekindle {
namespace {

HttpOptions OptionsOf(const HttpRequestSettings& settings) {
  HttpOptions options;
  options.timeout = settings.timeout;
  options.concurrency = settings.concurrency;
  options.refuse_private_addresses = settings.refuse_private_addresses;
  options.ca_file = settings.ca_file.string();
  if (!settings.answer.retry_after.empty()) {
    options.keep_headers = {settings.answer.retry_after};
  }
  return options;
}

AdapterTraits TraitsOf(const HttpRequestSettings& settings) {
  AdapterTraits traits;
  traits.address_field = settings.address_field;
  traits.required_parts = settings.required_parts;
  traits.optional_parts = settings.optional_parts;
  traits.deduplicates = settings.deduplicates;
  traits.concurrency = settings.concurrency;
  return traits;
}

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

class HttpRequestAdapter : public Adapter {
 public:
  HttpRequestAdapter(HttpRequestSettings settings,
                     std::shared_ptr<const Clock> clock)
      : settings_(std::move(settings)),
        traits_(TraitsOf(settings_)),
        clock_(std::move(clock)),
        client_(OptionsOf(settings_)) {
    for (const auto& [name, secret] : settings_.secrets) {
      secrets_.push_back(secret.Reveal());
      secrets_.push_back(EscapeUrl(secret.Reveal()));
      secrets_.push_back(EncodeBase64(secret.Reveal()));
    }
  }

  const AdapterTraits& traits() const override { return traits_; }

  void Send(Outbox& outbox) override {
    client_.Run(
        outbox, [&](const ClaimedTouch& touch) { return Request(touch); },
        [&](const ClaimedTouch& touch, const HttpAnswer& answer) {
          return OutcomeOf(answer, touch);
        });
  }

 private:
  HttpRequest Request(const ClaimedTouch& touch) const {
    RequestValues values(settings_, touch, clock_->Now());
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
      return OrThrow(settings_.json->Render(values.lookup()))
          .dump(-1, ' ', false,
                nlohmann::ordered_json::error_handler_t::replace);
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

  Outcome OutcomeOf(const HttpAnswer& answer, const ClaimedTouch& touch) const {
    std::vector<std::string_view> hide(secrets_.begin(), secrets_.end());
    hide.push_back(touch.address);
    if (answer.end == HttpEnd::kAnswered) {
      return ReadAnswer(settings_.answer, answer, settings_.deduplicates, hide);
    }
    Outcome outcome;
    outcome.what = ClassifyHttp(answer, settings_.deduplicates);
    outcome.detail = HttpTrouble(answer, hide);
    return outcome;
  }

  const HttpRequestSettings settings_;
  const AdapterTraits traits_;
  const std::shared_ptr<const Clock> clock_;
  std::vector<std::string> secrets_;  // in every form they take in a request
  HttpClient client_;
};

}  // namespace

std::unique_ptr<Adapter> MakeHttpRequestAdapter(
    HttpRequestSettings settings, std::shared_ptr<const Clock> clock) {
  return std::make_unique<HttpRequestAdapter>(std::move(settings),
                                              std::move(clock));
}

}  // namespace rekindle
