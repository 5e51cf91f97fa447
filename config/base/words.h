// Small helpers on words, for messages to people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rekindle {

// The candidate closest to `word` by edit distance (adjacent swaps count one,
// upper and lower case are one), if close enough to be a likely slip; else one
// that continues `word` with a "_"; the first of equals; else empty.
std::string ClosestWord(std::string_view word,
                        const std::vector<std::string>& candidates);

// What to add to a message about an unknown word: `; did you mean "app_open"?`
// or, where nothing is close, the candidates if they are few: `; expected a or
// b`; else nothing.
std::string Suggestion(std::string_view word,
                       const std::vector<std::string>& candidates);

// "a, b or c".
std::string OneOf(const std::vector<std::string>& words);

// The text without ASCII white space at both ends.
std::string_view Trim(std::string_view text);
// The parts between separators, empty ones too; none for an empty text.
std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& words,
                 std::string_view separator);

}  // namespace rekindle
