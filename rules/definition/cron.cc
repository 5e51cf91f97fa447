#include "rules/definition/cron.h"

#include <fmt/format.h>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/lexical_cast/try_lexical_convert.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/base/words.h"

namespace rekindle {
namespace {

struct Field {
  std::string_view name;
  int least;
  int most;
  int first_name;  // the value of names[0]
  std::vector<std::string> names;
};

const std::vector<Field>& Fields() {
  static const std::vector<Field> fields = {
      {"minute", 0, 59, 0, {}},
      {"hour", 0, 23, 0, {}},
      {"day of month", 1, 31, 0, {}},
      {"month",
       1,
       12,
       1,
       {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
        "nov", "dec"}},
      {"day of week",
       0,
       7,
       0,
       {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
  };
  return fields;
}

tl::unexpected<Error> BadField(const Field& field, std::string_view text,
                               std::string_view expected) {
  return Fail(ErrorKind::kUsage,
              fmt::format("cron {} \"{}\": {}", field.name, text, expected));
}

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A number or a name.
Result<int> ParseValue(const Field& field, std::string_view text) {
  for (size_t i = 0; i < field.names.size(); ++i) {
    if (boost::iequals(text, field.names[i])) {
      return field.first_name + static_cast<int>(i);
    }
  }
  int value = 0;
  if (AllDigits(text) && boost::conversion::try_lexical_convert(text, value) &&
      value >= field.least && value <= field.most) {
    return value;
  }
  std::string expected =
      fmt::format("expected {} to {}", field.least, field.most);
  if (!field.names.empty()) {
    expected +=
        fmt::format(", {} to {}", field.names.front(), field.names.back());
  }
  return BadField(field, text, expected);
}

struct FieldRange {
  int first;
  int last;
};

// "*", "a" or "a-b".
Result<FieldRange> ParseFieldRange(const Field& field, std::string_view text) {
  if (text == "*") return FieldRange{field.least, field.most};
  size_t dash = text.find('-');
  auto first = ParseValue(field, text.substr(0, dash));
  if (!first) return tl::make_unexpected(first.error());
  if (dash == std::string_view::npos) return FieldRange{*first, *first};
  auto last = ParseValue(field, text.substr(dash + 1));
  if (!last) return tl::make_unexpected(last.error());
  // A week may be written up to and with Sunday: fri-sun.
  if (field.most == 7 && *last == 0 && *first > 0) last = 7;
  if (*first > *last)
    return BadField(field, text, "the range ends before it starts");
  return FieldRange{*first, *last};
}

// One item of a list, as a mask of its values.
Result<uint64_t> ParseItem(const Field& field, std::string_view text) {
  size_t slash = text.find('/');
  auto range = ParseFieldRange(field, text.substr(0, slash));
  if (!range) return tl::make_unexpected(range.error());
  int step = 1;
  if (slash != std::string_view::npos) {
    std::string_view digits = text.substr(slash + 1);
    if (!AllDigits(digits) ||
        !boost::conversion::try_lexical_convert(digits, step) || step < 1) {
      return BadField(field, text, "a step is a whole number, at least 1");
    }
    if (range->first == range->last) {
      return BadField(field, text, "a step needs * or a range before it");
    }
  }
  uint64_t mask = 0;
  // Wide enough for a step of any size.
  for (int64_t value = range->first; value <= range->last; value += step) {
    mask |= uint64_t{1} << value;
  }
  return mask;
}

Result<uint64_t> ParseField(const Field& field, std::string_view text) {
  uint64_t mask = 0;
  for (const std::string& item : Split(text, ',')) {
    auto values = ParseItem(field, item);
    if (!values) return values;
    mask |= *values;
  }
  return mask;
}

std::optional<std::string_view> Shorthand(std::string_view text) {
  static const std::map<std::string_view, std::string_view> known = {
      {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},
      {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
      {"@monthly", "0 0 1 * *"},  {"@yearly", "0 0 1 1 *"},
      {"@annually", "0 0 1 1 *"},
  };
  auto found = known.find(text);
  if (found == known.end()) return std::nullopt;
  return found->second;
}

// False for days like 30 February, which would never be due.
bool AnyDayExists(const CronFields& fields) {
  static constexpr int kLongest[] = {0,  31, 29, 31, 30, 31, 30,
                                     31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month) {
    if (!(fields.months >> month & 1)) continue;
    uint64_t days = (uint64_t{2} << kLongest[month]) - 1;
    if (fields.days_of_month & days) return true;
  }
  return false;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string& word : Split(text, ' ')) {
    if (!Trim(word).empty()) words.emplace_back(Trim(word));
  }
  return words;
}

}  // namespace

Result<CronFields> ParseCron(std::string_view text) {
  if (text.starts_with('@')) {
    auto fields = Shorthand(text);
    if (fields) return ParseCron(*fields);
    return Fail(ErrorKind::kUsage,
                fmt::format("cron \"{}\": expected @hourly, @daily, @weekly, "
                            "@monthly or five fields",
                            text));
  }
  std::vector<std::string> words = Words(text);
  if (words.size() != Fields().size()) {
    return Fail(ErrorKind::kUsage,
                fmt::format("cron \"{}\": expected five fields (minute, hour, "
                            "day of month, month, day of week), not {}",
                            text, words.size()));
  }
  std::vector<uint64_t> masks;
  for (size_t i = 0; i < words.size(); ++i) {
    auto mask = ParseField(Fields()[i], words[i]);
    if (!mask) return tl::make_unexpected(mask.error());
    masks.push_back(*mask);
  }
  CronFields fields;
  fields.minutes = masks[0];
  fields.hours = static_cast<uint32_t>(masks[1]);
  fields.days_of_month = masks[2];
  fields.months = static_cast<uint16_t>(masks[3]);
  fields.weekdays = static_cast<uint8_t>((masks[4] | masks[4] >> 7) & 0x7f);
  fields.either_day_field = words[2][0] != '*' && words[4][0] != '*';
  if (!fields.either_day_field && !AnyDayExists(fields)) {
    return Fail(ErrorKind::kUsage,
                fmt::format("cron \"{}\" is never due: none of these months "
                            "has such a day",
                            text));
  }
  return fields;
}

int ParseWeekday(std::string_view word) {
  static const std::vector<std::string> names = {
      "sunday",   "monday", "tuesday", "wednesday",
      "thursday", "friday", "saturday"};
  std::string lower = boost::to_lower_copy(std::string(word));
  for (size_t i = 0; i < names.size(); ++i) {
    if (lower == names[i] || lower == names[i].substr(0, 3)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace rekindle
