// Addresses that have a syntax: profile keys `email` and `phone`. They are
// checked where they come in, so that a channel never meets one that cannot be
// right.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/base/calendar.h"
#include "config/base/result.h"

namespace rekindle {

// As it is kept: without the spaces around it. kUsage with the reason
// otherwise: one @, a name of up to 64 bytes and a domain around it, without
// spaces, control characters, quotes or brackets.
Result<std::string> NormalEmail(std::string_view text);

// In E.164: a plus and 7 to 15 digits, the first not 0. Spaces, hyphens, full
// stops and brackets are dropped; 00 in front is a plus. A number without
// either is one of the calendar's country, where its zone tells which: eleven
// digits from 13 to 19 in China. kUsage otherwise.
Result<std::string> NormalPhone(std::string_view text,
                                const Calendar& calendar);

bool IsContact(std::string_view profile_key);
// Whether a reason is why an address was left out: the rest was taken.
bool IsAboutContact(std::string_view reason);
// By profile key; nothing for keys whose values are not checked.
std::optional<Result<std::string>> NormalContact(std::string_view key,
                                                 std::string_view text,
                                                 const Calendar& calendar);

}  // namespace rekindle
