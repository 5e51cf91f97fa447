#include "config/templates/template_filter.h"

#include <locale.h>
#include <wctype.h>

#include <charconv>
#include <cmath>
#include <vector>

#include "config/base/moment_parser.h"
#include "config/base/utf8.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

constexpr std::string_view kEllipsis = "\u2026";
constexpr std::string_view kDateLetters = "YymdHMS";

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ErrorKind::kConfiguration, std::move(message));
}

template <class Number>
std::optional<Number> ReadAll(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

std::optional<std::string> WithDecimals(const std::string& value,
                                        int decimals) {
  std::optional<double> number = ReadAll<double>(Trim(value));
  if (!number || !std::isfinite(*number)) return std::nullopt;
  char text[400];
  auto end = std::to_chars(text, text + sizeof text, *number,
                           std::chars_format::fixed, decimals);
  std::string written(text, end.ptr);
  bool zero = written.find_first_of("123456789") == std::string::npos;
  return zero && written[0] == '-' ? written.substr(1) : written;
}

// The wrong conversion of a date format ("%Q"); empty where all are right.
std::string WrongConversion(std::string_view format) {
  for (size_t at = format.find('%'); at != format.npos;
       at = format.find('%', at)) {
    size_t letter = format.substr(at + 1).starts_with('-') ? at + 2 : at + 1;
    bool percent = letter == at + 1 && format.substr(letter).starts_with('%');
    bool known = letter < format.size() &&
                 kDateLetters.find(format[letter]) != std::string_view::npos;
    if (!known && !percent) {
      return std::string(format.substr(at, letter + 1 - at));
    }
    at = letter + 1;
  }
  return "";
}

std::string Padded(int number, size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

std::string DatePart(const WallClock& wall, char letter, bool pad) {
  auto day = std::chrono::floor<std::chrono::days>(wall);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss time(wall - day);
  int year = static_cast<int>(date.year());
  switch (letter) {
    case 'Y':
      return Padded(year, pad ? 4 : 1);
    case 'y':
      return Padded(year % 100, pad ? 2 : 1);
    case 'm':
      return Padded(static_cast<int>(static_cast<unsigned>(date.month())),
                    pad ? 2 : 1);
    case 'd':
      return Padded(static_cast<int>(static_cast<unsigned>(date.day())),
                    pad ? 2 : 1);
    case 'H':
      return Padded(static_cast<int>(time.hours().count()), pad ? 2 : 1);
    case 'M':
      return Padded(static_cast<int>(time.minutes().count()), pad ? 2 : 1);
    case 'S':
      return Padded(static_cast<int>(time.seconds().count()), pad ? 2 : 1);
    default:
      return std::string(1, letter);  // %%
  }
}

// A unix time is no wall clock: nothing says whose.
std::optional<std::string> AsDate(const std::string& value,
                                  const std::string& format) {
  Result<ParsedMoment> moment = ParseMomentText(Trim(value));
  if (!moment || !moment->wall) return std::nullopt;
  std::string text;
  for (size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      text += format[at];
      continue;
    }
    bool pad = format[++at] != '-';
    if (!pad) ++at;
    text += DatePart(*moment->wall, format[at], pad);
  }
  return text;
}

// One locale for all, never freed: case is the same wherever this runs.
std::string Recased(std::string_view value,
                    wint_t (*change)(wint_t, locale_t)) {
  static const locale_t kUnicode =
      newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr));
  std::string text;
  while (!value.empty()) {
    char32_t c = TakeCharacter(&value);
    if (kUnicode != nullptr) c = static_cast<char32_t>(change(c, kUnicode));
    AppendCharacter(c, &text);
  }
  return text;
}

std::string Truncated(const std::string& value, int most) {
  std::string_view rest = value;
  size_t keep = 0;  // bytes that leave room for the ellipsis
  for (int count = 0; !rest.empty(); ++count) {
    if (count == most) return value.substr(0, keep) + std::string(kEllipsis);
    if (count == most - 1) keep = value.size() - rest.size();
    TakeCharacter(&rest);
  }
  return value;
}

}  // namespace

Result<TemplateFilter> TemplateFilter::Make(
    std::string_view name, const std::optional<std::string>& argument) {
  static const std::vector<std::string> kNames = {
      "default", "number", "date", "upper", "lower", "truncate"};
  size_t index = 0;
  while (index < kNames.size() && kNames[index] != name) ++index;
  if (index == kNames.size()) {
    return Refuse("unknown filter \"" + std::string(name) + "\"" +
                  Suggestion(name, kNames));
  }
  TemplateFilter filter;
  filter.kind_ = static_cast<Kind>(index);
  filter.text_ = argument.value_or("");
  std::optional<int> count = ReadAll<int>(filter.text_);
  filter.count_ = count.value_or(0);
  switch (filter.kind_) {
    case Kind::kDefault:
      if (!argument) return Refuse("default needs a text: default: \"driver\"");
      break;
    case Kind::kNumber:
      if (argument && (!count || *count < 0 || *count > 9)) {
        return Refuse("number takes its decimals, 0 to 9: number: 2");
      }
      break;
    case Kind::kDate:
      if (!argument) filter.text_ = "%Y-%m-%d";
      if (auto wrong = WrongConversion(filter.text_); !wrong.empty()) {
        return Refuse("date does not know \"" + wrong +
                      "\"; it knows %Y %y %m %d %H %M %S and %%");
      }
      break;
    case Kind::kUpper:
    case Kind::kLower:
      if (argument) return Refuse(std::string(name) + " takes no argument");
      break;
    case Kind::kTruncate:
      if (!count || *count < 1) {
        return Refuse("truncate needs a number of characters: truncate: 10");
      }
      break;
  }
  return filter;
}

std::optional<std::string> TemplateFilter::Apply(
    std::optional<std::string> value) const {
  if (kind_ == Kind::kDefault) return value ? value : text_;
  if (!value) return std::nullopt;
  switch (kind_) {
    case Kind::kNumber:
      return WithDecimals(*value, count_);
    case Kind::kDate:
      return AsDate(*value, text_);
    case Kind::kUpper:
      return Recased(*value, towupper_l);
    case Kind::kLower:
      return Recased(*value, towlower_l);
    case Kind::kTruncate:
      return Truncated(*value, count_);
    case Kind::kDefault:
      break;
  }
  return value;
}

}  // namespace rekindle
