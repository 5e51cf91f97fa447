#include "channels/smtp/mime_message.h"

#include <spdlog/fmt/fmt.h>

#include "channels/smtp/mime_encoding.h"
#include "config/base/hash.h"

namespace rekindle {
namespace {

// A body with the headers that describe it.
std::string Part(std::string_view type, std::string_view text) {
  const std::string body = CrlfLines(text);
  const std::string quoted = QuotedPrintable(body);
  const std::string base64 = Base64Lines(body);
  const bool quote = quoted.size() <= base64.size();
  std::string part = "Content-Type: ";
  part += type;
  part += "; charset=utf-8\r\nContent-Transfer-Encoding: ";
  part += quote ? "quoted-printable" : "base64";
  part += "\r\n\r\n";
  part += quote ? quoted : base64;
  return part + "\r\n";
}

std::string Alternatives(const MimeMessage& message) {
  // "=_" occurs in neither encoding, so no text can hold the boundary.
  const std::string boundary = "=_" + StableId({message.message_id});
  std::string body = "Content-Type: multipart/alternative;\r\n boundary=\"" +
                     boundary + "\"\r\n\r\n";
  body += "--" + boundary + "\r\n" + Part("text/plain", message.text);
  body += "--" + boundary + "\r\n" + Part("text/html", message.html);
  return body + "--" + boundary + "--\r\n";
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
  mail += "MIME-Version: 1.0\r\n";
  mail += message.html.empty() ? Part("text/plain", message.text)
                               : Alternatives(message);
  return mail;
}

}  // namespace rekindle
