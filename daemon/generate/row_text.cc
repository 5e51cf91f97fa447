#include "daemon/generate/row_text.h"

#include <chrono>

#include "daemon/generate/random.h"

namespace rekindle {
namespace {

constexpr uint64_t kRegistration = 0x4e6157e4;  // the purpose of these draws

}  // namespace

void AppendNumber(std::string* out, uint64_t number, int digits) {
  char text[20];
  int length = 0;
  while (number > 0 || length < digits) {
    text[length++] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  while (length > 0) *out += text[--length];
}

void AppendHex(std::string* out, uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) {
    *out += "0123456789abcdef"[(number >> shift) & 15];
  }
}

void AppendCompactDay(std::string* out, LocalDay day) {
  std::chrono::year_month_day date(day);
  AppendNumber(out, static_cast<int>(date.year()), 4);
  AppendNumber(out, static_cast<unsigned>(date.month()), 2);
  AppendNumber(out, static_cast<unsigned>(date.day()), 2);
}

void AppendClock(std::string* out, int second) {
  AppendNumber(out, second / 3600, 2);
  *out += ':';
  AppendNumber(out, second / 60 % 60, 2);
  *out += ':';
  AppendNumber(out, second % 60, 2);
  *out += "+08:00";
}

int RegistrationSecond(uint64_t seed, uint32_t user) {
  // Early enough for a first session the same day.
  return Random(seed, user, kRegistration).Between(7 * 3600, 21 * 3600);
}

}  // namespace rekindle
