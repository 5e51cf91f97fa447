#include "engine/users/profile_change.h"

#include <simdjson.h>

#include <cstdint>

#include "config/base/json_text.h"
#include "engine/users/addresses.h"
#include "engine/users/contacts.h"

namespace rekindle {
namespace {

namespace dom = simdjson::dom;

constexpr int64_t kExact = int64_t{1} << 53;

// The parser's buffers are worth keeping: one a thread. Whole numbers that take
// more than 64 bits become texts.
simdjson::simdjson_result<dom::element> Parse(std::string_view text) {
  thread_local dom::parser parser;
  auto parsed = parser.parse(text.data(), text.size());
  if (!parsed.error()) return parsed;
  const std::string again = WithLongIntegersAsTexts(text);
  return parser.parse(again.data(), again.size());
}

Result<std::optional<Moment>> ParseCreatedAt(const dom::element& value,
                                             const Calendar& calendar) {
  if (value.is_null()) return std::optional<Moment>();
  std::string text = simdjson::minify(value);
  if (value.is_string()) text = std::string(value.get_string().value());
  auto moment = calendar.ParseMoment(text);
  if (!moment) {
    return Fail(ErrorKind::kUsage, "created_at: " + moment.error().message);
  }
  if (moment->day < kEarliestDay) {
    return Fail(ErrorKind::kUsage,
                "created_at: " + FormatDay(moment->day) + " is before 1900");
  }
  return *moment;
}

// One address, or a list of them; those that will not do are left out.
void TakeContact(std::string_view key, const dom::element& value,
                 const Calendar& calendar, ProfileChange* change) {
  std::vector<std::string> texts;
  if (value.is_string()) {
    texts.emplace_back(value.get_string().value());
  } else {
    texts = AddressesIn(simdjson::minify(value));
  }
  std::string normal;
  for (const std::string& text : texts) {
    auto address = *NormalContact(key, text, calendar);
    if (!address) {
      change->dropped.push_back(address.error().message);
      continue;
    }
    if (!normal.empty()) normal += ',';
    AppendJsonString(&normal, *address);
  }
  if (normal.empty()) return;
  change->values.emplace_back(key,
                              value.is_array() ? '[' + normal + ']' : normal);
}

}  // namespace

Result<ProfileChange> ParseProfileChange(std::string_view json_object,
                                         const Calendar& calendar) {
  ProfileChange change;
  if (json_object.empty()) return change;
  dom::object object;
  if (Parse(json_object).get(object) != simdjson::SUCCESS) {
    return Fail(ErrorKind::kUsage, "the profile is not a JSON object");
  }
  for (const auto [key, value] : object) {
    if (key == "created_at" || key == "createdAt") {
      auto created_at = ParseCreatedAt(value, calendar);
      if (!created_at) return tl::make_unexpected(created_at.error());
      change.created_at = *created_at;
      continue;
    }
    if (value.is_null()) {
      change.values.emplace_back(key, "");
    } else if (IsContact(key)) {
      TakeContact(key, value, calendar, &change);
    } else {
      change.values.emplace_back(key, simdjson::minify(value));
    }
  }
  return change;
}

Value ValueOfJson(const std::string& json_value) {
  dom::element value;
  if (Parse(json_value).get(value) != simdjson::SUCCESS) return {};
  switch (value.type()) {
    case dom::element_type::STRING:
      return std::string(value.get_string().value());
    case dom::element_type::BOOL:
      return value.get_bool().value();
    case dom::element_type::DOUBLE:
      return value.get_double().value();
    case dom::element_type::INT64: {
      const int64_t number = value.get_int64().value();
      if (number < -kExact || number > kExact) return json_value;
      return static_cast<double>(number);
    }
    case dom::element_type::UINT64:
      return json_value;  // beyond 2^63
    default:
      return {};
  }
}

bool IsJsonObject(std::string_view text) {
  dom::object object;
  return Parse(text).get(object) == simdjson::SUCCESS;
}

}  // namespace rekindle
