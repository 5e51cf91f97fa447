#include "engine/users/contacts.h"

#include <algorithm>

#include "config/base/words.h"

namespace rekindle {
namespace {

// What RFC 5321 takes.
constexpr size_t kMaxLocal = 64;
constexpr size_t kMaxDomain = 255;
// What E.164 takes; no country has shorter ones than the least.
constexpr size_t kLeastDigits = 7;
constexpr size_t kMostDigits = 15;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlankOrControl(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

tl::unexpected<Error> NotAnAddress(std::string_view text,
                                   std::string_view why) {
  return Fail(ErrorKind::kUsage, "email: \"" + std::string(text) +
                                     "\" is not an address; " +
                                     std::string(why));
}

bool IsChinese(const Calendar& calendar) {
  for (const char* zone : {"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing",
                           "Asia/Harbin", "Asia/Kashgar", "PRC"}) {
    if (calendar.zone_name() == zone) return true;
  }
  return false;
}

}  // namespace

Result<std::string> NormalEmail(std::string_view text) {
  text = Trim(text);
  const size_t at = text.find('@');
  const bool plain = std::none_of(text.begin(), text.end(), IsBlankOrControl);
  if (!plain || at == text.npos || at == 0 || at + 1 == text.size() ||
      text.find('@', at + 1) != text.npos) {
    return NotAnAddress(text, "it needs one @ with text on both sides");
  }
  if (text.find_first_of("<>()[],;:\\\"") != text.npos) {
    return NotAnAddress(text, "it holds a bracket, a quote or the like");
  }
  const std::string_view domain = text.substr(at + 1);
  if (at > kMaxLocal || domain.size() > kMaxDomain) {
    return NotAnAddress(text, "it is too long");
  }
  if (domain.front() == '.' || domain.back() == '.' ||
      domain.find("..") != domain.npos) {
    return NotAnAddress(text, "its domain has an empty part");
  }
  return std::string(text);
}

Result<std::string> NormalPhone(std::string_view text,
                                const Calendar& calendar) {
  const auto refuse = [&](const std::string& why) {
    return Fail(ErrorKind::kUsage, "phone: \"" + std::string(Trim(text)) +
                                       "\" is not a phone number; " + why);
  };
  std::string number;
  for (const char c : Trim(text)) {
    if (IsDigit(c) || (c == '+' && number.empty())) {
      number += c;
    } else if (std::string_view(" -.()\t").find(c) == std::string_view::npos) {
      return refuse("it may hold digits only, after a plus");
    }
  }
  if (number.starts_with("00")) number.replace(0, 2, "+");
  const bool mobile =
      number.size() == 11 && number[0] == '1' && number[1] >= '3';
  if (!number.starts_with('+')) {
    if (!IsChinese(calendar) || !mobile) {
      return refuse("write it with its country, as in +8613800138000");
    }
    number.insert(0, "+86");
  }
  const size_t digits = number.size() - 1;
  if (digits < kLeastDigits || digits > kMostDigits || number[1] == '0') {
    return refuse("a plus and 7 to 15 digits are needed");
  }
  return number;
}

bool IsContact(std::string_view profile_key) {
  return profile_key == "email" || profile_key == "phone";
}

bool IsAboutContact(std::string_view reason) {
  return IsContact(reason.substr(0, reason.find(": ")));
}

std::optional<Result<std::string>> NormalContact(std::string_view key,
                                                 std::string_view text,
                                                 const Calendar& calendar) {
  if (key == "email") return NormalEmail(text);
  if (key == "phone") return NormalPhone(text, calendar);
  return std::nullopt;
}

}  // namespace rekindle
