#include "channels/smtp/mail_address.h"

#include <algorithm>

#include "config/base/words.h"
#include "engine/users/contacts.h"

namespace rekindle {

bool IsMailAddress(std::string_view text) {
  const auto normal = NormalEmail(text);
  return normal && *normal == text &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x80; });
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
