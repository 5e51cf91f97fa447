// Mail addresses as settings and profiles hold them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rekindle {

// True for an address as profiles hold it (NormalEmail), in ASCII: it cannot
// end a command or a header early, and needs no SMTPUTF8 (RFC 6531).
bool IsMailAddress(std::string_view text);

std::string_view DomainOf(std::string_view address);

struct Mailbox {
  std::string name;  // may be empty
  std::string address;
};

// `hello@app.example` or `The App <hello@app.example>`.
std::optional<Mailbox> ParseMailbox(std::string_view text);

}  // namespace rekindle
