#include "channels/adapter/answer_text.h"

#include <algorithm>
#include <cctype>

#include "config/base/utf8.h"

namespace rekindle {
namespace {

constexpr std::string_view kMask = "***";
constexpr size_t kMaxBytes = 200;
constexpr size_t kMaxRead = 4096;
constexpr int kDigitsOfAPhoneNumber = 7;

bool EqualIgnoringCase(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) ==
         std::tolower(static_cast<unsigned char>(b));
}

void Hide(std::string_view secret, std::string* text) {
  if (secret.empty()) return;
  size_t from = 0;
  while (true) {
    const auto at =
        std::search(text->begin() + from, text->end(), secret.begin(),
                    secret.end(), EqualIgnoringCase);
    if (at == text->end()) return;
    from = at - text->begin();
    text->replace(from, secret.size(), kMask);
    from += kMask.size();
  }
}

bool LooksLikeAnAddress(std::string_view word) {
  if (word.find('@') != word.npos) return true;
  int run = 0;
  for (const char c : word) {
    if (std::isdigit(static_cast<unsigned char>(c))) {
      if (++run == kDigitsOfAPhoneNumber) return true;
    } else if (c != '-' && c != '(' && c != ')' && c != '.') {
      run = 0;
    }
  }
  return false;
}

void Cut(std::string* text) {
  if (text->size() <= kMaxBytes) return;
  size_t end = kMaxBytes;
  while (end > 0 && ((*text)[end] & 0xC0) == 0x80) --end;
  text->resize(end);
  *text += "...";
}

}  // namespace

std::string AnswerText(std::string_view answer,
                       const std::vector<std::string_view>& hide) {
  std::string text(answer.substr(0, kMaxRead));
  for (const std::string_view secret : hide) Hide(secret, &text);
  const bool utf8 = !InvalidUtf8At(text).has_value();
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) c = ' ';
    if (byte >= 0x80 && !utf8) c = '?';
  }

  std::string line;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word(text.data() + begin, end - begin);
    if (!word.empty()) {
      if (!line.empty()) line += ' ';
      line += LooksLikeAnAddress(word) ? kMask : word;
    }
    begin = end + 1;
  }
  Cut(&line);
  return line;
}

}  // namespace rekindle
