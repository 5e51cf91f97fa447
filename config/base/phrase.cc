#include "config/base/phrase.h"

#include <algorithm>

namespace rekindle {
namespace {

// {} is the next of the values, {0} the first, wherever it stands. REQUIRES:
// no { stands for itself.
std::string FillIn(std::string_view pattern,
                   const std::vector<std::string>& values) {
  std::string text;
  size_t next = 0;
  while (true) {
    const size_t open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == pattern.npos) return text;
    pattern.remove_prefix(open + 1);
    const std::string_view place = pattern.substr(0, pattern.find('}'));
    text +=
        values.at(place.empty() ? next++ : static_cast<size_t>(place[0] - '0'));
    pattern.remove_prefix(std::min(place.size() + 1, pattern.size()));
  }
}

}  // namespace

Phrase Phrase::Code(std::string_view field, std::string_view code) {
  Phrase phrase{std::string(code)};
  phrase.name_ = std::string(field) + "." + phrase.english_;
  return phrase;
}

std::string Phrase::English() const {
  return In([](const std::string&) { return std::nullopt; });
}

std::string Phrase::In(const Lookup& words) const {
  const std::string text =
      name_.empty() ? english_ : words(name_).value_or(english_);
  if (values_.empty()) return text;
  std::vector<std::string> values;
  for (const Phrase& value : values_) values.push_back(value.In(words));
  return FillIn(text, values);
}

}  // namespace rekindle
