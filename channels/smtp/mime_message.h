// A mail as it stands on the wire: RFC 5322 headers, MIME parts in UTF-8.
#pragma once

#include <string>
#include <vector>

#include "channels/smtp/inline_images.h"
#include "channels/smtp/mail_address.h"
#include "config/base/calendar.h"

namespace rekindle {

struct MimeMessage {
  Mailbox from;
  std::string reply_to;  // an address; empty: none
  std::string to;        // an address
  std::string subject;
  std::string text;                 // plain text
  std::string html;                 // empty: none
  std::vector<InlineImage> images;  // that the html shows by their ids,
                                    // `NAME@domain of from`
  std::string message_id;           // without < >
  std::string rule_id;  // in X-Rekindle-Rule, to find a campaign's mails
  // What the mail program's own unsubscribe button opens (RFC 2369, 8058);
  // empty: it shows none.
  std::string unsubscribe_url;
  Instant date;
};

// The whole message in CRLF lines of at most 78 characters (more only where an
// address or the Message-ID is itself so long), not dot-stuffed. Text alone is
// one part; with html it is multipart/alternative, text first, and with images
// the html stands with them in a multipart/related. A text that is
// mostly ASCII goes as quoted-printable, else as base64, whichever is shorter.
// The same message gives the same bytes.
std::string RenderMime(const MimeMessage& message);

// "Sun, 01 Feb 2026 02:00:00 +0000".
std::string MailDate(Instant at);

}  // namespace rekindle
