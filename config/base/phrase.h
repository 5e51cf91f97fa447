// What is told to people as a pattern and its values, so that it can be told in
// another language than English, too.
//
//   Phrase("{} needs {}", channel, field)
//
// The English pattern is its own name: whoever tells it in another language
// looks that up (daemon/texts), as gettext does. A literal right behind
// `Phrase(` or `Joined(` is such a pattern: a test reads the sources for them,
// and holds that each has its Chinese.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rekindle {

class Phrase {
 public:
  // A literal with a {} for each value; any other does not compile.
  template <size_t values>
  class Pattern {
   public:
    consteval Pattern(const char* literal) : text_(literal) {
      size_t places = 0;
      for (size_t at = 0; (at = text_.find('{', at)) != text_.npos; ++at) {
        if (text_.substr(at, 2) != "{}") throw "a { that is no {}";
        ++places;
      }
      if (places != values) throw "not a {} for each value";
    }
    constexpr std::string_view text() const { return text_; }

   private:
    std::string_view text_;
  };

  Phrase() = default;  // says nothing

  // The values are phrases, or what the constructors below take.
  template <class... Values>
  explicit Phrase(Pattern<sizeof...(Values)> pattern, Values... values)
      : name_(pattern.text()), english_(pattern.text()) {
    values_.reserve(sizeof...(values));
    (values_.emplace_back(std::move(values)), ...);
  }

  // What is the same in every language: ids, keys, dates, zones.
  template <std::same_as<std::string> Words>  // a literal is a pattern
  Phrase(Words words) : english_(std::move(words)) {}
  template <std::integral Number>
  Phrase(Number number) : english_(std::to_string(number)) {}

  // A code that pages translate as "<field>.<code>": Code("state", "dormant").
  // The code itself in English, and where there are no words for it.
  static Phrase Code(std::string_view field, std::string_view code);

  bool empty() const { return english_.empty(); }
  std::string English() const;

  // A pattern or code in other words; nothing: the English ones. Such words
  // have {} or, in another order, {0}, {1}, ... for the values.
  using Lookup =
      std::function<std::optional<std::string>(const std::string& name)>;
  std::string In(const Lookup& words) const;

 private:
  std::string name_;     // to look words up by; empty: told as it is
  std::string english_;  // with a {} for each value
  std::vector<Phrase> values_;
};

// Tells a phrase in the language of those who are told.
using PhraseTeller = std::function<std::string(const Phrase&)>;

// Joined("{}, {}", parts) tells "a, b, c". Parts are texts or phrases.
template <class Parts>
Phrase Joined(Phrase::Pattern<2> pattern, const Parts& parts) {
  auto part = std::begin(parts);
  if (part == std::end(parts)) return Phrase();
  Phrase all(*part);
  while (++part != std::end(parts)) {
    all = Phrase(pattern, std::move(all), *part);
  }
  return all;
}

// "a, b or c".
template <class Parts>
Phrase JoinedByOr(const Parts& parts) {
  if (parts.size() < 2) return Joined("{}, {}", parts);
  const Parts others(parts.begin(), parts.end() - 1);
  return Phrase("{} or {}", Joined("{}, {}", others), parts.back());
}

}  // namespace rekindle
