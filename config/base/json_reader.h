// Reads JSON strictly and in full, so that parts of it that are kept as
// unparsed text are known to be valid.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/result.h"

namespace rekindle {

inline constexpr int kDeepestJson = 64;  // levels of objects and arrays

// Why a value is refused although the JSON around it can be read: half of a
// surrogate pair, a number that no double holds, or too many levels.
struct JsonFault {
  const char* at;  // where the value begins
  std::string what;
};

// Parses one JSON object strictly: UTF-8, no lone surrogates, nothing after
// it, at most kDeepestJson levels. Integers of any length pass, as text.
// Not thread-safe; what is returned lives until the next call.
class JsonObjectReader {
 public:
  // kUsage with the reason otherwise. The document is rewound: its fields may
  // be read once.
  Result<simdjson::ondemand::document*> Read(std::string_view text);
  // The same in place. REQUIRES: `text` lives and stays as it is until the next
  // call, with simdjson::SIMDJSON_PADDING bytes of capacity behind it.
  Result<simdjson::ondemand::document*> ReadInPlace(const std::string& text);
  // The same for an object of several items, of which one that is wrong must
  // not spoil the others: the elements of its list `key`, or the whole object
  // where `key` is empty. Lists the first fault of each item, and of each field
  // beside the list, in order; very many are refused. Levels count from the
  // item; too many beside the list are refused.
  Result<simdjson::ondemand::document*> ReadItemsInPlace(
      const std::string& text, std::string_view key,
      std::vector<JsonFault>* faults);

 private:
  Result<simdjson::ondemand::document*> ReadChecked(
      const std::string& text, std::string_view key,
      std::vector<JsonFault>* faults);

  simdjson::ondemand::parser parser_;
  std::string padded_;
  simdjson::ondemand::document document_;
};

// Calls f(key, value) for each field, each giving a Status; the first refusal
// ends it. REQUIRES: an object that was checked.
template <class F>
Status ForEachField(simdjson::ondemand::object object, F&& f) {
  for (auto entry : object) {
    simdjson::ondemand::field field;
    std::string_view key;
    if (std::move(entry).get(field) || field.unescaped_key().get(key)) {
      return Fail(ErrorKind::kUsage, "not valid JSON");
    }
    if (Status s = f(key, field.value()); !s) return s;
  }
  return {};
}

// The value's own text, as it stood.
Result<std::string_view> RawText(simdjson::ondemand::value value);

}  // namespace rekindle
