#include "channels/webhook/webhook_adapter.h"

#include <simdjson.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "channels/adapter/answer_text.h"
#include "channels/http_client/http_client.h"
#include "channels/http_client/http_outcome.h"
#include "channels/webhook/standard_webhooks.h"
#include "config/base/base64.h"
#include "config/base/json_text.h"

namespace rekindle {
namespace {

HttpOptions OptionsOf(const WebhookSettings& settings) {
  HttpOptions options;
  options.timeout = settings.timeout;
  options.concurrency = settings.concurrency;
  options.refuse_private_addresses = settings.refuse_private_addresses;
  options.ca_file = settings.ca_file.string();
  return options;
}

AdapterTraits TraitsOf(const WebhookSettings& settings) {
  AdapterTraits traits;
  traits.address_field = settings.address_field;
  traits.any_parts = true;
  traits.deduplicates = settings.deduplicates;
  traits.concurrency = settings.concurrency;
  return traits;
}

bool NeedsEscape(char c) {
  return (static_cast<unsigned char>(c) < ' ') | (c == '"') | (c == '\\');
}

// Looks at sixteen at once, which compilers know how to.
bool AnyNeedsEscape(std::string_view text) {
  constexpr size_t kAtOnce = 16;
  for (; text.size() >= kAtOnce; text.remove_prefix(kAtOnce)) {
    bool any = false;
    for (size_t i = 0; i < kAtOnce; ++i) any |= NeedsEscape(text[i]);
    if (any) return true;
  }
  return std::any_of(text.begin(), text.end(), NeedsEscape);
}

// As a JSON string; bytes that are no UTF-8 become U+FFFD. Most texts can stand
// as they are.
void AppendText(std::string_view text, std::string* json) {
  if (AnyNeedsEscape(text) || !simdjson::validate_utf8(text)) {
    *json += JsonText(nlohmann::json(text));
    return;
  }
  *json += '"';
  *json += text;
  *json += '"';
}

class WebhookAdapter : public Adapter {
 public:
  WebhookAdapter(WebhookSettings settings, std::shared_ptr<const Clock> clock)
      : settings_(std::move(settings)),
        traits_(TraitsOf(settings_)),
        clock_(std::move(clock)),
        client_(OptionsOf(settings_)) {
    for (const Secret& key : settings_.keys) {
      keys_.push_back(key.Reveal());
      encoded_keys_.push_back(EncodeBase64(key.Reveal()));
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
    HttpRequest request;
    request.url = settings_.url;
    request.body = WebhookBody(touch, !settings_.address_field.empty());
    const int64_t now = ToMillis(clock_->Now()) / 1000;
    // Not as a list of initializers, from which each would be copied.
    std::vector<std::string>& headers = request.headers;
    headers.reserve(6);
    headers.emplace_back("Content-Type: application/json");
    headers.emplace_back("User-Agent: rekindle");
    headers.emplace_back("webhook-id: " + touch.touch_id);
    headers.emplace_back("webhook-timestamp: " + std::to_string(now));
    headers.emplace_back(
        "webhook-signature: " +
        WebhookSignature(keys_, touch.touch_id, now, request.body));
    headers.emplace_back("Idempotency-Key: " + touch.touch_id);
    return request;
  }

  Outcome OutcomeOf(const HttpAnswer& answer, const ClaimedTouch& touch) const {
    Outcome outcome;
    outcome.what = ClassifyHttp(answer, settings_.deduplicates);
    outcome.detail = Detail(answer, touch);
    outcome.retry_after = answer.retry_after;
    return outcome;
  }

  std::string Detail(const HttpAnswer& answer,
                     const ClaimedTouch& touch) const {
    const bool answered = answer.end == HttpEnd::kAnswered;
    const std::string text = "HTTP " + std::to_string(answer.status);
    if (answered && (answer.status < 300 || answer.body.empty())) return text;
    std::vector<std::string_view> hide(keys_.begin(), keys_.end());
    hide.insert(hide.end(), encoded_keys_.begin(), encoded_keys_.end());
    hide.push_back(touch.address);
    if (!answered) return HttpTrouble(answer, hide);
    return text + ": " + AnswerText(answer.body, hide);
  }

  const WebhookSettings settings_;
  const AdapterTraits traits_;
  const std::shared_ptr<const Clock> clock_;
  std::vector<std::string> keys_;
  std::vector<std::string> encoded_keys_;
  HttpClient client_;
};

}  // namespace

std::string WebhookBody(const ClaimedTouch& touch, bool with_address) {
  static const Calendar utc = Calendar::Utc();
  std::string body = R"({"type":"rekindle.touch","timestamp":)";
  AppendText(utc.Format(touch.planned_at), &body);
  body += R"(,"data":{"touch_id":)";
  AppendText(touch.touch_id, &body);
  body += R"(,"rule_id":)";
  AppendText(touch.rule_id, &body);
  body += R"(,"slot":)";
  AppendText(utc.Format(touch.slot), &body);
  body += R"(,"user_id":)";
  AppendText(touch.user_id, &body);
  if (with_address) {
    body += R"(,"address":)";
    AppendText(touch.address, &body);
  }
  body += R"(,"parts":{)";
  for (const auto& [key, text] : touch.parts) {
    if (body.back() != '{') body += ',';
    AppendText(key, &body);
    body += ':';
    AppendText(text, &body);
  }
  return body += "}}}";
}

std::unique_ptr<Adapter> MakeWebhookAdapter(
    WebhookSettings settings, std::shared_ptr<const Clock> clock) {
  return std::make_unique<WebhookAdapter>(std::move(settings),
                                          std::move(clock));
}

}  // namespace rekindle
