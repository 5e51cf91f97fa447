#include "channels/smtp/smtp_reply.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <initializer_list>

#include "config/base/words.h"

namespace rekindle {
namespace {

using enum OutcomeClass;

bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

// "5.1.1" at the start of the text; empty where there is none.
std::string EnhancedAt(std::string_view text, char first_digit) {
  size_t end = 0;
  int dots = 0;
  while (end < text.size() && (IsDigit(text[end]) || text[end] == '.')) {
    dots += text[end] == '.';
    ++end;
  }
  const std::string_view code = text.substr(0, end);
  if (dots != 2 || code.size() < 5 || code.front() != first_digit ||
      code[1] != '.' || code.back() == '.' || code.find("..") != code.npos) {
    return {};
  }
  return std::string(code);
}

bool Mentions(const SmtpReply& reply,
              std::initializer_list<std::string_view> phrases) {
  std::string text = reply.text;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::any_of(phrases.begin(), phrases.end(), [&](auto phrase) {
    return text.find(phrase) != text.npos;
  });
}

bool NamesAnUnknownMailbox(const SmtpReply& reply) {
  return Mentions(
      reply, {"unknown user", "user unknown", "no such user",
              "unknown recipient", "recipient unknown", "no such recipient",
              "no such mailbox", "unknown mailbox", "mailbox unknown",
              "mailbox not found", "mailbox unavailable", "user not found",
              "recipient not found", "invalid recipient", "invalid mailbox",
              "does not exist", "doesn't exist", "no mailbox"});
}

bool NamesTheSender(const SmtpReply& reply) {
  return Mentions(reply, {"relay", "authenticat", "spam", "blocked",
                          "blacklist", "blocklist", "denylist", "policy",
                          "reputation", "spf", "dkim", "dmarc"});
}

bool NamesTheSize(const SmtpReply& reply) {
  return Mentions(reply, {"size", "too large", "too big"});
}

// By the enhanced code, for replies to RCPT and to the message.
OutcomeClass ClassifyEnhanced(std::string_view code) {
  struct Row {
    std::string_view code;  // ending in '.': every code below it
    OutcomeClass what;
  };
  static constexpr Row kRows[] = {
      {"5.1.1", kDeadRecipient},   // no such mailbox
      {"5.1.2", kDeadRecipient},   // no such domain
      {"5.1.3", kDeadRecipient},   // bad address syntax
      {"5.1.6", kDeadRecipient},   // moved away
      {"5.1.7", kAccount},         // bad sender address
      {"5.1.8", kAccount},         // bad sender domain
      {"5.1.10", kDeadRecipient},  // the domain takes no mail
      {"5.2.1", kDeadRecipient},   // mailbox disabled
      {"5.2.2", kTemporary},       // mailbox full
      {"5.7.", kAccount},          // policy, authentication, reputation
  };
  for (const Row& row : kRows) {
    const bool below = row.code.back() == '.' && code.starts_with(row.code);
    if (below || code == row.code) return row.what;
  }
  return kBadMessage;
}

OutcomeClass ClassifyBare(SmtpStage stage, const SmtpReply& reply) {
  switch (reply.code) {
    case 530:
    case 534:
    case 535:
    case 538:
      return kAccount;
    case 550:
    case 551:
    case 553:
      if (NamesAnUnknownMailbox(reply)) return kDeadRecipient;
      break;
    case 552:
      // Once also the code of a full mailbox.
      if (stage == SmtpStage::kRecipient && !NamesTheSize(reply)) {
        return kTemporary;
      }
      break;
    default:
      break;
  }
  return NamesTheSender(reply) ? kAccount : kBadMessage;
}

}  // namespace

SmtpReply ParseSmtpReply(std::string_view lines) {
  SmtpReply reply;
  bool ended = false;
  for (const std::string& raw : Split(lines, '\n')) {
    const std::string_view line = Trim(raw);
    if (line.size() < 3 ||
        !std::all_of(line.begin(), line.begin() + 3, IsDigit)) {
      continue;
    }
    if (ended) reply = SmtpReply();  // the last of several replies counts
    std::from_chars(line.data(), line.data() + 3, reply.code);
    ended = line.size() == 3 || line[3] == ' ';
    std::string_view text = line.size() > 4 ? Trim(line.substr(4)) : "";
    const std::string enhanced = EnhancedAt(text, line[0]);
    if (!enhanced.empty()) {
      reply.enhanced = enhanced;
      text = Trim(text.substr(enhanced.size()));
    }
    if (!reply.text.empty() && !text.empty()) reply.text += ' ';
    reply.text += text;
  }
  return ended ? reply : SmtpReply();
}

OutcomeClass ClassifySmtp(SmtpStage stage, const SmtpReply& reply) {
  if (reply.code < 500) return kTemporary;
  const bool size = reply.enhanced == "5.3.4" || reply.enhanced == "5.2.3";
  switch (stage) {
    case SmtpStage::kSession:
      return kAccount;
    case SmtpStage::kSender:
      if (size || (reply.code == 552 && NamesTheSize(reply))) {
        return kBadMessage;
      }
      return kAccount;
    case SmtpStage::kRecipient:
    case SmtpStage::kMessage:
      break;
  }
  return reply.enhanced.empty() ? ClassifyBare(stage, reply)
                                : ClassifyEnhanced(reply.enhanced);
}

std::chrono::seconds SmtpPause(int attempt) {
  using namespace std::chrono_literals;
  if (attempt <= 1) return 5min;
  if (attempt == 2) return 15min;
  return attempt == 3 ? 1h : 4h;
}

std::string QueueId(const SmtpReply& reply) {
  constexpr std::string_view kMark = "queued as ";
  const size_t at = reply.text.find(kMark);
  if (at == std::string::npos) return {};
  std::string id = reply.text.substr(at + kMark.size());
  id.resize(std::min(id.find_first_of(" )>;,"), id.size()));
  if (id.size() > 64) id.resize(64);
  return id;
}

}  // namespace rekindle
