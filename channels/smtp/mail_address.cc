#include "channels/smtp/mail_address.h"

#include <algorithm>

#include "config/base/words.h"

namespace rekindle {
namespace {

// What RFC 5321 takes.
constexpr size_t kMaxLocal = 64;
constexpr size_t kMaxDomain = 255;

bool IsPlain(char c) {
  return c > ' ' && c < 0x7F &&
         std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  if (at == text.npos || text.find('@', at + 1) != text.npos) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (local.empty() || local.size() > kMaxLocal) return false;
  if (domain.empty() || domain.size() > kMaxDomain) return false;
  if (domain.front() == '.' || domain.back() == '.') return false;
  if (domain.find("..") != domain.npos) return false;
  return std::all_of(text.begin(), text.end(), IsPlain);
}

std::string_view DomainOf(std::string_view address) {
  return address.substr(address.find('@') + 1);
}

std::optional<Mailbox> ParseMailbox(std::string_view text) {
  text = Trim(text);
  Mailbox mailbox;
  const size_t open = text.rfind('<');
  if (open == text.npos) {
    mailbox.address = text;
  } else {
    if (text.back() != '>') return std::nullopt;
    std::string_view name = Trim(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
      name = name.substr(1, name.size() - 2);
    }
    mailbox.name = name;
    mailbox.address = text.substr(open + 1, text.size() - open - 2);
  }
  if (!IsMailAddress(mailbox.address)) return std::nullopt;
  return mailbox;
}

}  // namespace rekindle
