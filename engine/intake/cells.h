// Checks of single values, shared by all forms of input. Reasons begin with
// the name of the column or key.
#pragma once

#include <string>
#include <string_view>

#include "config/base/calendar.h"

namespace rekindle {

inline constexpr std::string_view kConsentPrefix = "consent.";  // of a topic

// A kUsage error with a reason, or with a name and what is wrong with its
// value.
tl::unexpected<Error> Refuse(std::string reason);
tl::unexpected<Error> RefuseNamed(std::string_view name, std::string_view why);

// kUsage where empty or where it holds a NUL character.
Status CheckFilled(std::string_view name, std::string_view value);
Result<Moment> ReadMoment(std::string_view name, std::string_view value,
                          const Calendar& calendar);
// "true" or "false".
Result<bool> ReadBool(std::string_view name, std::string_view value);

}  // namespace rekindle
