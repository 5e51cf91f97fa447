#include "config/base/moment_parser.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace rekindle {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int64_t kLastMilli = 253402300799999;  // the end of the year 9999

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Walks over the text; a failed step leaves it where it was.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : left_(text) {}

  bool AtEnd() const { return left_.empty(); }

  bool Digits(size_t count, int* value) {
    if (left_.size() < count) return false;
    int number = 0;
    for (char c : left_.substr(0, count)) {
      if (!IsDigit(c)) return false;
      number = number * 10 + (c - '0');
    }
    left_.remove_prefix(count);
    *value = number;
    return true;
  }

  bool OneOf(std::string_view characters, char* found = nullptr) {
    if (left_.empty() || characters.find(left_[0]) == characters.npos) {
      return false;
    }
    if (found != nullptr) *found = left_[0];
    left_.remove_prefix(1);
    return true;
  }

  // At least one digit; what is finer than milliseconds is dropped.
  bool Fraction(int* millis) {
    *millis = 0;
    int scale = 100;
    size_t count = 0;
    while (count < left_.size() && IsDigit(left_[count])) {
      *millis += (left_[count++] - '0') * scale;
      scale /= 10;
    }
    left_.remove_prefix(count);
    return count > 0;
  }

 private:
  std::string_view left_;
};

tl::unexpected<Error> RefuseMoment(std::string_view text,
                                   std::string_view why) {
  return Fail(ErrorKind::kUsage, "\"" + std::string(text) +
                                     "\" is not a time: " + std::string(why));
}

constexpr std::string_view kForms =
    "write 2026-02-14, 2026-02-14T09:30:00+08:00, or unix seconds or "
    "milliseconds";

// Digits, or digits with a fraction. That stands behind a time of ours alone:
// 12.5 is something else.
bool IsUnix(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  constexpr size_t kFewest = std::string_view("100000000").size();
  const size_t point = text.find_first_not_of(kDigits);
  if (point == text.npos) return !text.empty();
  return text[point] == '.' && point >= kFewest && point + 1 < text.size() &&
         text.find_first_not_of(kDigits, point + 1) == text.npos;
}

// 20260214. Many files write their days so; as unix seconds all of them would
// be of August 1970.
bool LooksLikeADay(std::string_view text) {
  constexpr size_t kDigits = std::string_view("20260214").size();
  return text.size() == kDigits &&
         (text.starts_with("19") || text.starts_with("20"));
}

// Unix seconds (up to 11 digits) or milliseconds. REQUIRES: IsUnix.
Result<ParsedMoment> ParseUnix(std::string_view text) {
  const size_t size = std::min(text.find('.'), text.size());
  int64_t number = 0;
  auto end = text.data() + size;
  bool fits = std::from_chars(text.data(), end, number).ec == std::errc();
  if (fits && size <= 11) {
    int milli = 0;
    if (size < text.size()) Cursor(text.substr(size + 1)).Fraction(&milli);
    number = number * 1000 + milli;
  }
  if (!fits || number > kLastMilli) {
    return RefuseMoment(text, "it is beyond the year 9999");
  }
  return ParsedMoment{FromMillis(number), std::nullopt, std::nullopt};
}

// `basic`: without marks between its parts, as the time behind it then is.
bool ParseDay(Cursor& in, std::chrono::year_month_day* date, bool* basic) {
  int year, month, day;
  if (!in.Digits(4, &year)) return false;
  *basic = !in.OneOf("-");
  if (!in.Digits(2, &month) || !(*basic || in.OneOf("-")) ||
      !in.Digits(2, &day)) {
    return false;
  }
  *date = std::chrono::year(year) / month / day;
  return true;
}

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int milli = 0;

  // A leap second (60) is let through here; see IsLeapSecond.
  bool Exists() const { return hour < 24 && minute < 60 && second <= 60; }
  milliseconds SinceMidnight() const {
    return hours(hour) + minutes(minute) + seconds(second) +
           milliseconds(milli);
  }
};

// The seconds may be left out.
bool ParseTime(Cursor& in, bool basic, TimeOfDay* time) {
  if (!in.Digits(2, &time->hour) || !(basic || in.OneOf(":")) ||
      !in.Digits(2, &time->minute)) {
    return false;
  }
  if (basic) {
    if (!in.Digits(2, &time->second)) return true;
  } else {
    if (!in.OneOf(":")) return true;
    if (!in.Digits(2, &time->second)) return false;
  }
  return !in.OneOf(".,") || in.Fraction(&time->milli);
}

// Z, +08:00, +0800 or +08.
bool ParseOffset(Cursor& in, minutes* offset) {
  char sign;
  int hour, minute = 0;
  if (in.OneOf("Zz")) return true;
  if (!in.OneOf("+-", &sign) || !in.Digits(2, &hour)) return false;
  const bool marked = in.OneOf(":");
  if (!in.Digits(2, &minute) && marked) return false;
  if (hour > 23 || minute > 59) return false;
  *offset = hours(hour) + minutes(minute);
  if (sign == '-') *offset = -*offset;
  return true;
}

// Leap seconds stand at the end of a UTC day alone; they count as the first
// second of the next one.
bool IsLeapSecond(Instant at) {
  return (at - std::chrono::floor<days>(at)) < seconds(1);
}

// Digits at fixed places.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}

  // Known when it is compiled, so that no loop is left.
  template <size_t kAt, size_t kCount>
  int Number() {
    unsigned value = 0;
#pragma GCC unroll 4
    for (size_t i = kAt; i < kAt + kCount; ++i) {
      const auto digit = static_cast<unsigned char>(text_[i] - '0');
      digits_ &= digit < 10;
      value = value * 10 + digit;
    }
    return static_cast<int>(value);
  }
  // Every place asked for was a digit.
  bool digits() const { return digits_; }

 private:
  const std::string_view text_;
  bool digits_ = true;
};

// Z or +08:00, all of the text; nothing for every other form.
std::optional<minutes> UsualOffset(std::string_view text) {
  if (text == "Z") return minutes(0);
  constexpr std::string_view kForm = "+00:00";
  if (text.size() != kForm.size() || text[3] != ':' ||
      (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  Places in(text);
  const int hour = in.Number<1, 2>(), minute = in.Number<4, 2>();
  if (!in.digits() || hour > 23 || minute > 59) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return text[0] == '-' ? -offset : offset;
}

// 2026-02-14T09:30:00.123Z, with milliseconds or without, and with an offset:
// what programs write, so at fixed places and without a cursor. Nothing for
// every other form, and for what needs a closer look.
std::optional<ParsedMoment> ParseUsual(std::string_view text) {
  constexpr size_t kSeconds = std::string_view("0000-00-00T00:00:00").size();
  constexpr size_t kMillis = std::string_view(".000").size();
  if (text.size() <= kSeconds || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const bool has_millis = text[kSeconds] == '.';
  const size_t size = kSeconds + (has_millis ? kMillis : 0);
  if (text.size() <= size) return std::nullopt;
  const auto offset = UsualOffset(text.substr(size));
  if (!offset) return std::nullopt;
  Places in(text);
  const auto date = std::chrono::year(in.Number<0, 4>()) / in.Number<5, 2>() /
                    in.Number<8, 2>();
  const int hour = in.Number<11, 2>(), minute = in.Number<14, 2>(),
            second = in.Number<17, 2>();
  const int milli = has_millis ? in.Number<kSeconds + 1, 3>() : 0;
  if (!in.digits() || !date.ok() || date.year() < std::chrono::year(1) ||
      hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const WallClock wall = LocalDay(date) + hours(hour) + minutes(minute) +
                         seconds(second) + milliseconds(milli);
  return ParsedMoment{Instant(wall.time_since_epoch() - *offset), std::nullopt,
                      wall};
}

}  // namespace

Result<ParsedMoment> ParseMomentText(std::string_view text) {
  if (const auto usual = ParseUsual(text)) return *usual;
  if (IsUnix(text)) {
    if (LooksLikeADay(text)) {
      return RefuseMoment(text, "a day is written 2026-02-14");
    }
    return ParseUnix(text);
  }
  Cursor in(text);
  std::chrono::year_month_day date;
  bool basic = false;
  if (!ParseDay(in, &date, &basic)) return RefuseMoment(text, kForms);
  const bool has_time = in.OneOf("Tt ");
  if (basic && !has_time) return RefuseMoment(text, kForms);
  if (!date.ok() || date.year() < std::chrono::year(1)) {
    return RefuseMoment(text, "there is no such day");
  }
  LocalDay day(date);
  if (!has_time && in.AtEnd()) return ParsedMoment{{}, day, WallClock(day)};

  TimeOfDay time;
  minutes offset{0};
  if (!has_time || !ParseTime(in, basic, &time)) {
    return RefuseMoment(text, kForms);
  }
  if (!time.Exists()) return RefuseMoment(text, "there is no such time of day");
  if (in.AtEnd()) {
    return RefuseMoment(text, "it needs an offset, as Z or +08:00");
  }
  if (!ParseOffset(in, &offset) || !in.AtEnd()) {
    return RefuseMoment(text, "its offset must be as Z or +08:00");
  }
  WallClock wall = day + time.SinceMidnight();
  Instant at(wall.time_since_epoch() - offset);
  if (time.second == 60 && !IsLeapSecond(at)) {
    return RefuseMoment(text, "there is no such time of day");
  }
  return ParsedMoment{at, std::nullopt, wall};
}

}  // namespace rekindle
