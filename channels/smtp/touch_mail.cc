#include "channels/smtp/touch_mail.h"

#include <utility>

#include "engine/links/tracking.h"

namespace rekindle {

std::string PartOf(const ClaimedTouch& touch, std::string_view key) {
  for (const auto& [name, text] : touch.parts) {
    if (name == key) return text;
  }
  return {};
}

std::string ReturnPathOf(const SmtpSettings& settings,
                         const ClaimedTouch& touch) {
  if (settings.bounce_address.empty()) return settings.from.address;
  const size_t at = settings.bounce_address.find(kTokenMark);
  if (at == std::string::npos) return settings.bounce_address;
  std::string address = settings.bounce_address;
  return address.replace(at, kTokenMark.size(), PartOf(touch, kBounceToken));
}

Result<MimeMessage> MailOf(const SmtpSettings& settings,
                           const ClaimedTouch& touch, ImageFolder& images,
                           Instant now) {
  const std::string_view domain = DomainOf(settings.from.address);
  MimeMessage message;
  message.from = settings.from;
  message.reply_to = settings.reply_to;
  message.to = touch.address;
  message.subject = PartOf(touch, "subject");
  message.text = PartOf(touch, "text");
  const std::string html = PartOf(touch, "html");
  auto shown = images.ImagesOf(html);
  if (!shown) return tl::make_unexpected(shown.error());
  message.images = std::move(*shown);
  message.html = WithDomain(html, domain);
  // The same for every attempt, so that mailboxes can drop a second copy.
  message.message_id = touch.touch_id + '@';
  message.message_id += domain;
  message.rule_id = touch.rule_id;
  message.unsubscribe_url = PartOf(touch, kUnsubscribeUrl);
  message.date = now;
  return message;
}

}  // namespace rekindle
