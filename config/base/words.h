// Small helpers on words, for messages to people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rekindle {

// The candidate closest to `word` by edit distance (adjacent swaps count one),
// if close enough to be a likely slip; empty otherwise.
std::string ClosestWord(std::string_view word,
                        const std::vector<std::string>& candidates);

// "a, b or c".
std::string OneOf(const std::vector<std::string>& words);

std::string_view Trim(std::string_view text);
std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& words,
                 std::string_view separator);

}  // namespace rekindle
