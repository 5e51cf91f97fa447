// The encodings that carry UTF-8 through mail: RFC 2047 for headers, RFC 2045
// for bodies.
#pragma once

#include <string>
#include <string_view>

namespace rekindle {

// One header line (folded where it is long), ending in CRLF. Control
// characters of `text`, line ends above all, become spaces: no value can start
// another header. Text that is not plain ASCII is written as encoded words.
// REQUIRES: `name` is a header name.
std::string HeaderLine(std::string_view name, std::string_view text);

// `"The App" <hello@app.example>` as a header line; only the name is encoded.
// REQUIRES: IsMailAddress(address).
std::string MailboxLine(std::string_view header, std::string_view name,
                        std::string_view address);

// `=?UTF-8?B?..?=` as often as it takes, split between characters, each on a
// line of its own of at most 76 characters; `used` stand on the first already.
std::string EncodedWords(std::string_view text, size_t used);

// Every line end (LF, CR, CRLF) as CRLF.
std::string CrlfLines(std::string_view text);

// A body of CRLF lines in lines of at most 76 characters.
std::string QuotedPrintable(std::string_view body);
std::string Base64Lines(std::string_view body);
// How many bytes Base64Lines gives.
size_t Base64Size(std::string_view body);

}  // namespace rekindle
