// What one message or row says about a profile, read and checked before
// anything is changed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/calendar.h"
#include "engine/behavior/value_test.h"

namespace rekindle {

struct ProfileChange {
  // Keys with their values as JSON texts, in order; an empty text removes the
  // key.
  std::vector<std::pair<std::string, std::string>> values;
  // created_at (createdAt): absent where it is not named; holds no moment where
  // it is to be removed.
  std::optional<std::optional<Moment>> created_at;
  // Why addresses among the values (contacts.h) were left out; the rest is
  // kept.
  std::vector<std::string> dropped;
};

// Reads a JSON object's text; an empty text changes nothing. Whole numbers that
// take more than 64 bits become texts. kUsage where it is not an object, or
// created_at is not a time.
Result<ProfileChange> ParseProfileChange(std::string_view json_object,
                                         const Calendar& calendar);

// The value a condition compares. Lists and objects are no scalars: monostate.
// Whole numbers that a double cannot hold exactly stay texts.
Value ValueOfJson(const std::string& json_value);

// True for the text of one JSON object.
bool IsJsonObject(std::string_view text);

}  // namespace rekindle
