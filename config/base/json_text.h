// JSON as text: writing strings of it, and whole numbers of any length.
#pragma once

#include <string>
#include <string_view>

namespace rekindle {

// Appends `text` as a JSON string. REQUIRES: valid UTF-8.
void AppendJsonString(std::string* out, std::string_view text);

// Digits only, after an optional sign: of any length.
bool IsWholeNumber(std::string_view token);

// JSON with each whole number in quotes that takes more than 64 bits, signed or
// not: parsers that read numbers as such know none of those. REQUIRES: JSON; of
// anything else, some text.
std::string WithLongIntegersAsTexts(std::string_view json);

}  // namespace rekindle
