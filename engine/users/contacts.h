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

// The address without the spaces around it. It must have one @, a name of up to
// 64 bytes before it and a domain behind, and no spaces, control characters,
// quotes or brackets; else kUsage with the reason.
Result<std::string> NormalEmail(std::string_view text);

// The number in E.164: a plus and 7 to 15 digits, the first not 0. Spaces,
// hyphens, full stops and brackets are dropped; 00 in front means a plus. A
// number with neither is taken for one of the calendar's country, where its
// zone tells which (in China: eleven digits that begin with 13 to 19). Else
// kUsage.
Result<std::string> NormalPhone(std::string_view text,
                                const Calendar& calendar);

bool IsContact(std::string_view profile_key);
// Whether a reason says why an address was left out: the rest was taken.
bool IsAboutContact(std::string_view reason);
// The one of these that checks the profile key; nothing for other keys.
std::optional<Result<std::string>> NormalContact(std::string_view key,
                                                 std::string_view text,
                                                 const Calendar& calendar);

}  // namespace rekindle
