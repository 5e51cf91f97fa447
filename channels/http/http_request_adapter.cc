#include "channels/http/http_request_adapter.h"

#include <utility>

#include "channels/http/request_builder.h"
#include "channels/http_client/http_outcome.h"

namespace rekindle {
namespace {

HttpOptions OptionsOf(const HttpRequestSettings& settings) {
  HttpOptions options = RequestOptions(settings);
  options.concurrency = settings.concurrency;
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

class HttpRequestAdapter : public Adapter {
 public:
  HttpRequestAdapter(HttpRequestSettings settings,
                     std::shared_ptr<const Clock> clock)
      : settings_(std::move(settings)),
        traits_(TraitsOf(settings_)),
        clock_(std::move(clock)),
        secrets_(SecretsOf(settings_)),
        client_(OptionsOf(settings_)) {}

  const AdapterTraits& traits() const override { return traits_; }

  void Send(Outbox& outbox) override {
    client_.Run(
        outbox,
        [&](const ClaimedTouch& touch) {
          return BuildRequest(settings_,
                              RequestValues(settings_, touch, clock_->Now()));
        },
        [&](const ClaimedTouch& touch, const HttpAnswer& answer) {
          return OutcomeOf(answer, touch);
        });
  }

 private:
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
  const std::vector<std::string> secrets_;
  HttpClient client_;
};

}  // namespace

std::unique_ptr<Adapter> MakeHttpRequestAdapter(
    HttpRequestSettings settings, std::shared_ptr<const Clock> clock) {
  return std::make_unique<HttpRequestAdapter>(std::move(settings),
                                              std::move(clock));
}

}  // namespace rekindle
