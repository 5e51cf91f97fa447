#include "channels/receipts/mail_report.h"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <charconv>
#include <map>
#include <utility>

#include "channels/adapter/answer_text.h"
#include "channels/smtp/smtp_reply.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

using boost::algorithm::iequals;
using boost::algorithm::to_lower_copy;

// A report is a few parts deep; what is more is no report.
constexpr int kDeepestPart = 5;
constexpr int kMostParts = 100;
constexpr size_t kMostRecipients = 1000;

// Name (lower case) and value, unfolded, in order.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The next line without its end; `text` goes on behind it.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Up to the first empty line; `text` goes on behind it.
Headers TakeHeaders(std::string_view& text) {
  Headers headers;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (!headers.empty()) {
        headers.back().second += ' ';
        headers.back().second += Trim(line);
      }
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == line.npos) continue;  // mbox's "From " line, or garbage
    headers.emplace_back(
        to_lower_copy(std::string(Trim(line.substr(0, colon)))),
        Trim(line.substr(colon + 1)));
  }
  return headers;
}

std::string Find(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

// "rfc822; a@b.example" -> "a@b.example".
std::string AfterType(const std::string& value) {
  const size_t semicolon = value.find(';');
  return std::string(Trim(std::string_view(value).substr(
      semicolon == value.npos ? 0 : semicolon + 1)));
}

std::string TypeOf(const Headers& headers) {
  const std::string type = Find(headers, "content-type");
  return to_lower_copy(std::string(Trim(type.substr(0, type.find(';')))));
}

std::string BoundaryOf(const Headers& headers) {
  const std::string type = Find(headers, "content-type");
  const size_t found = to_lower_copy(type).find("boundary=");
  if (found == type.npos) return "";
  std::string_view rest = std::string_view(type).substr(found + 9);
  if (rest.starts_with('"')) {
    rest.remove_prefix(1);
    return std::string(rest.substr(0, rest.find('"')));
  }
  return std::string(Trim(rest.substr(0, rest.find_first_of("; \t"))));
}

std::string WithoutBrackets(std::string_view id) {
  id = Trim(id);
  if (id.starts_with('<')) id.remove_prefix(1);
  return std::string(id.substr(0, id.find('>')));
}

class ReportReader {
 public:
  bool found() const { return found_; }

  void ReadPart(std::string_view text, int depth) {
    if (depth > kDeepestPart || ++parts_ > kMostParts) return;
    const Headers headers = TakeHeaders(text);
    const std::string type = TypeOf(headers);
    if (type.starts_with("multipart/")) {
      ReadParts(text, BoundaryOf(headers), depth);
    } else if (type == "message/delivery-status" ||
               type == "message/global-delivery-status") {
      ReadStatus(text);
    } else if (type == "message/feedback-report") {
      ReadFeedback(text);
    } else if (type == "message/rfc822" || type == "text/rfc822-headers" ||
               type == "message/rfc822-headers" || type == "message/global") {
      ReadReturned(text);
    }
  }

  MailReport report;

 private:
  void ReadParts(std::string_view text, const std::string& boundary,
                 int depth) {
    if (boundary.empty()) return;
    const std::string open = "--" + boundary;
    const char* part = nullptr;
    while (!text.empty()) {
      const char* line_at = text.data();
      const std::string_view line = TakeLine(text);
      if (!line.starts_with(open)) continue;
      if (part != nullptr) {
        ReadPart({part, static_cast<size_t>(line_at - part)}, depth + 1);
      }
      part = text.data();
      if (line.substr(open.size()).starts_with("--")) return;
    }
    // The closing line is missing: cut off on the way.
    if (part != nullptr) {
      ReadPart({part, static_cast<size_t>(text.data() - part)}, depth + 1);
    }
  }

  // A block about the message, then one a recipient.
  void ReadStatus(std::string_view text) {
    found_ = true;
    bool first = true;
    while (!text.empty() && report.recipients.size() < kMostRecipients) {
      const Headers block = TakeHeaders(text);
      if (block.empty()) continue;
      if (first) {
        report.return_paths.push_back(Find(block, "original-envelope-id"));
      }
      if (!Find(block, "action").empty()) ReadRecipient(block);
      first = false;
    }
  }

  void ReadRecipient(const Headers& block) {
    MailReport::Recipient recipient;
    recipient.address = AfterType(Find(block, "original-recipient"));
    if (recipient.address.empty()) {
      recipient.address = AfterType(Find(block, "final-recipient"));
    }
    const std::string action = to_lower_copy(Find(block, "action"));
    recipient.action = Trim(action.substr(0, action.find_first_of(" (;")));
    const std::string status = Find(block, "status");
    recipient.status = Trim(status.substr(0, status.find_first_of(" (;")));
    recipient.diagnostic = AfterType(Find(block, "diagnostic-code"));
    report.recipients.push_back(std::move(recipient));
  }

  void ReadFeedback(std::string_view text) {
    found_ = true;
    const Headers fields = TakeHeaders(text);
    const std::string type = Find(fields, "feedback-type");
    // "not-spam" and the like say the contrary, or nothing.
    report.complaint = iequals(type, "abuse") || iequals(type, "fraud") ||
                       iequals(type, "opt-out") || iequals(type, "other");
    report.return_paths.push_back(Find(fields, "original-mail-from"));
    MailReport::Recipient recipient;
    recipient.address = WithoutBrackets(Find(fields, "original-rcpt-to"));
    report.recipients.push_back(std::move(recipient));
  }

  void ReadReturned(std::string_view text) {
    const Headers headers = TakeHeaders(text);
    report.message_id = WithoutBrackets(Find(headers, "message-id"));
    report.return_paths.push_back(Find(headers, "return-path"));
  }

  bool found_ = false;
  int parts_ = 0;
};

bool IsHexRun(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
  });
}

ReceiptState StateOf(const MailReport::Recipient& recipient) {
  if (recipient.action == "delivered") return ReceiptState::kDelivered;
  // Out of the world that reports: it may or may not arrive.
  if (recipient.action == "relayed" || recipient.action == "expanded") {
    return ReceiptState::kAccepted;
  }
  if (recipient.action != "failed") return ReceiptState::kDeferred;
  SmtpReply reply = ParseSmtpReply(recipient.diagnostic);
  if (recipient.status.starts_with("5.")) {
    reply.enhanced = recipient.status;
    reply.code = std::max(reply.code, 550);
  } else if (!recipient.status.empty()) {
    return ReceiptState::kUndelivered;  // "4.": tried until it was too late
  }
  if (reply.code < 500) return ReceiptState::kUndelivered;
  return ClassifySmtp(SmtpStage::kRecipient, reply) ==
                 OutcomeClass::kDeadRecipient
             ? ReceiptState::kBounced
             : ReceiptState::kUndelivered;
}

}  // namespace

std::optional<MailReport> ReadMailReport(std::string_view mail) {
  ReportReader reader;
  // Whom the report itself was sent to is the sender of the mail it is about.
  std::string_view rest = mail;
  const Headers headers = TakeHeaders(rest);
  for (const char* name : {"x-original-to", "delivered-to", "to"}) {
    for (const auto& [key, value] : headers) {
      if (key == name) reader.report.return_paths.push_back(value);
    }
  }
  reader.ReadPart(mail, 0);
  if (!reader.found()) return std::nullopt;
  return std::move(reader.report);
}

std::vector<std::string> BounceTokensIn(std::string_view text) {
  constexpr size_t kId = 32, kMac = 16;
  std::vector<std::string> tokens;
  for (size_t dot = text.find('.'); dot != text.npos;
       dot = text.find('.', dot + 1)) {
    if (dot < kId || text.size() - dot - 1 < kMac) continue;
    const std::string_view token = text.substr(dot - kId, kId + 1 + kMac);
    if (IsHexRun(token.substr(0, kId)) && IsHexRun(token.substr(kId + 1))) {
      tokens.emplace_back(token);
    }
  }
  return tokens;
}

std::vector<Receipt> ReceiptsOf(const MailReport& report,
                                const std::string& channel, Instant now) {
  std::vector<Receipt> receipts;
  for (const MailReport::Recipient& recipient : report.recipients) {
    Receipt receipt;
    receipt.channel = channel;
    receipt.recipient = recipient.address;
    receipt.state =
        report.complaint ? ReceiptState::kComplained : StateOf(recipient);
    const std::vector<std::string_view> hide = {recipient.address};
    receipt.code = AnswerText(recipient.status, hide);
    receipt.detail = AnswerText(recipient.diagnostic, hide);
    receipt.at = now;
    receipts.push_back(std::move(receipt));
  }
  return receipts;
}

}  // namespace rekindle
