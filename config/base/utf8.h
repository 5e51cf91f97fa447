// UTF-8: validity, characters, and how wide they stand on a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rekindle {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Takes the first character off `text`. A byte that begins no valid sequence
// (overlong forms and surrogates are not valid) is taken alone and gives
// U+FFFD. REQUIRES: !text->empty().
char32_t TakeCharacter(std::string_view* text);

// Puts a character behind `text`. REQUIRES: `character` is one of Unicode's.
void AppendCharacter(char32_t character, std::string* text);

// The offset of the first byte that is not part of valid UTF-8.
std::optional<size_t> InvalidUtf8At(std::string_view text);

// 0 for combining marks and the like, 2 for wide ones (CJK, emoji), else 1.
int CharacterWidth(char32_t character);

// Columns the text takes on a terminal.
size_t DisplayWidth(std::string_view text);

}  // namespace rekindle
