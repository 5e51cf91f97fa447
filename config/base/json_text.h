// JSON as text: writing it, and whole numbers of any length.
#pragma once

#include <string>
#include <string_view>

namespace rekindle {

// What nlohmann's `json` or `ordered_json` says, on one line. Bytes that are no
// UTF-8, as texts from outside may hold, become U+FFFD.
template <class Json>
std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Appends `text` as a JSON string. REQUIRES: valid UTF-8.
void AppendJsonString(std::string* out, std::string_view text);

// True for digits after an optional sign, however many.
bool IsWholeNumber(std::string_view token);

// The JSON with quotes put around each whole number that fits neither int64_t
// nor uint64_t, as parsers do not read such numbers. REQUIRES: valid JSON; the
// result for anything else is unspecified text.
std::string WithLongIntegersAsTexts(std::string_view json);

}  // namespace rekindle
