#include "channels/smtp/mime_message.h"

#include <spdlog/fmt/fmt.h>

#include <utility>
#include <vector>

#include "channels/smtp/mime_encoding.h"
#include "config/base/hash.h"

namespace rekindle {
namespace {

// A body with the headers that describe it.
std::string Part(std::string_view type, std::string_view text) {
  const std::string body = CrlfLines(text);
  const std::string quoted = QuotedPrintable(body);
  const bool quote = quoted.size() <= Base64Size(body);
  std::string part = "Content-Type: ";
  part += type;
  part += "; charset=utf-8\r\nContent-Transfer-Encoding: ";
  part += quote ? "quoted-printable" : "base64";
  part += "\r\n\r\n";
  part += quote ? quoted : Base64Lines(body);
  return part + "\r\n";
}

std::string ImagePart(const InlineImage& image, std::string_view domain) {
  std::string part = "Content-Type: " + image.type + "\r\n";
  part += "Content-Transfer-Encoding: base64\r\n";
  part += "Content-ID: <" + image.name + '@';
  part += domain;
  part += ">\r\nContent-Disposition: inline;\r\n filename=\"" + image.name;
  part += "\"\r\n\r\n" + Base64Lines(image.bytes);
  return part + "\r\n";
}

// `kind` tells boundaries within one another apart.
std::string Multipart(const char* kind, const MimeMessage& message,
                      const std::vector<std::string>& parts) {
  // "=_" occurs in neither encoding, so no text can hold the boundary.
  const std::string boundary = "=_" + StableId({kind, message.message_id});
  std::string body = std::string("Content-Type: multipart/") + kind +
                     ";\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  for (const std::string& part : parts) body += "--" + boundary + "\r\n" + part;
  return body + "--" + boundary + "--\r\n";
}

std::string HtmlPart(const MimeMessage& message) {
  std::string html = Part("text/html", message.html);
  if (message.images.empty()) return html;
  std::vector<std::string> parts = {std::move(html)};
  for (const InlineImage& image : message.images) {
    parts.push_back(ImagePart(image, DomainOf(message.from.address)));
  }
  return Multipart("related", message, parts);
}

std::string Alternatives(const MimeMessage& message) {
  return Multipart("alternative", message,
                   {Part("text/plain", message.text), HtmlPart(message)});
}

// Not folded: a URL has no place for it.
std::string UnsubscribeLines(const MimeMessage& message) {
  if (message.unsubscribe_url.empty()) return "";
  return "List-Unsubscribe: <" + message.unsubscribe_url +
         ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
}

}  // namespace

std::string MailDate(Instant at) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed",
                                          "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr",
                                            "May", "Jun", "Jul", "Aug",
                                            "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(
      std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string RenderMime(const MimeMessage& message) {
  std::string mail = "Date: " + MailDate(message.date) + "\r\n";
  mail += MailboxLine("From", message.from.name, message.from.address);
  if (!message.reply_to.empty()) {
    mail += MailboxLine("Reply-To", "", message.reply_to);
  }
  mail += MailboxLine("To", "", message.to);
  mail += HeaderLine("Subject", message.subject);
  mail += "Message-ID: <" + message.message_id + ">\r\n";
  mail += "Auto-Submitted: auto-generated\r\n";
  mail += HeaderLine("X-Rekindle-Rule", message.rule_id);
  mail += UnsubscribeLines(message);
  mail += "MIME-Version: 1.0\r\n";
  mail += message.html.empty() ? Part("text/plain", message.text)
                               : Alternatives(message);
  return mail;
}

}  // namespace rekindle
