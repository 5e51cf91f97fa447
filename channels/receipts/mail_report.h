// A mail about a mail: a delivery status notification (RFC 3464), or a
// complaint (ARF, RFC 5965).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ledger/receipt.h"

namespace rekindle {

struct MailReport {
  struct Recipient {
    std::string address;  // original, else final; may be empty
    std::string action;   // "failed", "delayed", "delivered", "relayed", ..
    std::string status;   // "5.1.1"
    std::string diagnostic;
  };
  std::vector<Recipient> recipients;
  bool complaint = false;
  // Envelope senders of the mail it is about, as far as the report and its own
  // recipients tell. They hold bounce tokens.
  std::vector<std::string> return_paths;
  std::string message_id;  // of the mail it is about, without < >
};

// Nothing where the mail is no such report (an automatic reply, say). Takes any
// bytes; line ends may be LF or CRLF.
std::optional<MailReport> ReadMailReport(std::string_view mail);

// The bounce tokens (link_token.h) that the text holds, genuine or not.
std::vector<std::string> BounceTokensIn(std::string_view text);

// One receipt per recipient, without an id. In a complaint each is kComplained.
// Otherwise a delivery that failed for good since there is no such mailbox is
// kBounced, one that failed for another reason kUndelivered.
std::vector<Receipt> ReceiptsOf(const MailReport& report,
                                const std::string& channel, Instant now);

}  // namespace rekindle
