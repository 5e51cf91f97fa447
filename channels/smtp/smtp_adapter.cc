#include "channels/smtp/smtp_adapter.h"

#include <algorithm>
#include <utility>

#include "channels/adapter/answer_text.h"
#include "channels/smtp/mime_message.h"
#include "channels/smtp/smtp_client.h"
#include "channels/smtp/touch_mail.h"
#include "engine/links/tracking.h"

namespace rekindle {
namespace {

AdapterTraits TraitsOf(const SmtpSettings& settings) {
  AdapterTraits traits;
  traits.address_field = settings.address_field;
  traits.required_parts = {"subject", "text"};
  traits.optional_parts = {"html"};
  traits.added_parts = {std::string(kUnsubscribeUrl)};
  if (settings.bounce_address.find(kTokenMark) != std::string::npos) {
    traits.added_parts.emplace_back(kBounceToken);
  }
  traits.concurrency = settings.concurrency;
  return traits;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c & 0x80) == 0; });
}

std::string ReplyText(const SmtpReply& reply,
                      const std::vector<std::string_view>& hide) {
  std::string text = std::to_string(reply.code);
  if (!reply.enhanced.empty()) text += ' ' + reply.enhanced;
  if (!reply.text.empty()) text += ' ' + AnswerText(reply.text, hide);
  return text;
}

Outcome RefusedOutcome(const SmtpResult& result, int attempt) {
  Outcome outcome;
  outcome.what = ClassifySmtp(result.stage, result.reply);
  if (outcome.what == OutcomeClass::kTemporary &&
      result.stage != SmtpStage::kSession) {
    outcome.retry_after = SmtpPause(attempt);
    outcome.of_recipient = true;
  }
  return outcome;
}

class SmtpAdapter : public Adapter {
 public:
  SmtpAdapter(SmtpSettings settings, std::shared_ptr<const Clock> clock)
      : settings_(std::move(settings)),
        traits_(TraitsOf(settings_)),
        clock_(std::move(clock)),
        images_(settings_.images),
        client_(settings_) {}

  const AdapterTraits& traits() const override { return traits_; }

  void Send(Outbox& outbox) override {
    client_.Run(
        outbox, [&](const ClaimedTouch& touch) { return Make(touch); },
        [&](const ClaimedTouch& touch, const SmtpResult& result) {
          return OutcomeOf(result, touch);
        });
  }

 private:
  std::variant<SmtpMail, Outcome> Make(const ClaimedTouch& touch) {
    if (auto problem = ProblemOf(touch)) return *std::move(problem);
    const auto message = MailOf(settings_, touch, images_, clock_->Now());
    if (!message) {
      Outcome outcome;
      outcome.what = OutcomeClass::kBadMessage;
      outcome.detail = message.error().message;
      return outcome;
    }
    SmtpMail mail;
    mail.sender = ReturnPathOf(settings_, touch);
    mail.to = touch.address;
    mail.message = RenderMime(*message);
    return mail;
  }

  // What need not be sent to be known.
  std::optional<Outcome> ProblemOf(const ClaimedTouch& touch) const {
    Outcome outcome;
    outcome.what = OutcomeClass::kBadMessage;
    if (!IsMailAddress(touch.address)) {
      if (!IsAscii(touch.address)) {
        outcome.detail = "addresses outside ASCII are not supported";
      } else {
        outcome.what = OutcomeClass::kDeadRecipient;
        outcome.detail = "not a mail address";
      }
      return outcome;
    }
    for (const std::string& part : traits_.required_parts) {
      if (!PartOf(touch, part).empty()) continue;
      outcome.detail = "the message has no " + part;
      return outcome;
    }
    return std::nullopt;
  }

  Outcome OutcomeOf(const SmtpResult& result, const ClaimedTouch& touch) const {
    const std::vector<std::string_view> hide = {touch.address,
                                                settings_.password.Reveal()};
    Outcome outcome;
    switch (result.end) {
      case SmtpEnd::kAccepted:
        outcome.what = OutcomeClass::kAccepted;
        outcome.provider_id = QueueId(result.reply);
        outcome.detail = ReplyText(result.reply, hide);
        return outcome;
      case SmtpEnd::kRefused:
        outcome = RefusedOutcome(result, touch.attempt);
        outcome.detail = ReplyText(result.reply, hide);
        return outcome;
      case SmtpEnd::kUnreachable:
        outcome.what = OutcomeClass::kTemporary;
        break;
      case SmtpEnd::kNoSession:
        outcome.what = OutcomeClass::kAccount;
        break;
      case SmtpEnd::kNoAnswer:
        outcome.what = OutcomeClass::kUnknown;
        outcome.detail = "no answer after the whole message: ";
        break;
    }
    if (outcome.what != OutcomeClass::kUnknown) outcome.detail = "not sent: ";
    outcome.detail += AnswerText(result.error, hide);
    return outcome;
  }

  const SmtpSettings settings_;
  const AdapterTraits traits_;
  const std::shared_ptr<const Clock> clock_;
  ImageFolder images_;
  SmtpClient client_;
};

}  // namespace

std::unique_ptr<Adapter> MakeSmtpAdapter(SmtpSettings settings,
                                         std::shared_ptr<const Clock> clock) {
  return std::make_unique<SmtpAdapter>(std::move(settings), std::move(clock));
}

}  // namespace rekindle
