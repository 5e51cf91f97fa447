// Profiles in memory: for each key a dictionary of its values and a code for
// each user, so that a condition is tested once a value, not once a user.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"
#include "engine/behavior/value_test.h"
#include "engine/model/event.h"
#include "engine/sets/user_set.h"
#include "engine/store/packed.h"
#include "engine/users/profile_codes.h"

namespace rekindle {

// Values are JSON texts. Not thread-safe while written.
class ProfileColumns {
 public:
  // Every key costs time wherever a profile is read or saved, and a client that
  // puts a key together from data makes new ones for ever. Customer data
  // platforms allow some hundred to two thousand.
  static constexpr size_t kMostKeys = 2000;

  // Nobody has the key, and it is none that Rekindle itself reads (addresses,
  // time zone, language).
  bool IsNew(std::string_view key) const;
  // How many more keys there may be. Set does not ask.
  size_t Room() const;
  // An empty text removes the value.
  void Set(UserNumber user, std::string_view key, std::string_view json_value);
  // Gives `into` the values of `from` that it lacks; `from` is left empty.
  void Merge(UserNumber from, UserNumber into);
  void Erase(UserNumber user);

  // profile_block.cc: all values of users begin .. end - 1 as packed bytes,
  // empty where they have none; and back, into a run that has none yet. False
  // where the bytes are damaged.
  std::string PackRun(UserNumber begin, UserNumber end) const;
  bool UnpackRun(UserNumber begin, std::string_view packed);

  // A JSON object's text, in key order.
  std::string ObjectOf(UserNumber user) const;
  // monostate where missing.
  const Value& ValueOf(UserNumber user, std::string_view key) const;
  // The JSON text; empty where missing.
  std::string_view TextOf(UserNumber user, std::string_view key) const;
  // Users below `universe` for whose value the test holds, those without one
  // included where it holds for a missing value.
  UserSet Select(std::string_view key, const ValueTest& test,
                 uint32_t universe) const;
  // The zone that the user's `time_zone` names; nullptr where none does.
  const Calendar* ZoneOf(UserNumber user) const;
  std::vector<std::string> Keys() const;  // sorted; those that anybody has

 private:
  using Code = ProfileCodes::Code;

  class Column {
   public:
    explicit Column(bool zones) : zones_(zones) {}
    void Set(UserNumber user, std::string_view json_value);
    Code CodeOf(UserNumber user) const { return codes_.Of(user); }
    const std::string& Text(Code code) const { return entries_[code].text; }
    const Value& ValueAt(Code code) const { return entries_[code].value; }
    const Calendar* ZoneAt(Code code) const;
    UserSet Select(const ValueTest& test, uint32_t universe) const;
    bool in_use() const { return !index_.empty(); }
    std::string Encode(UserNumber begin, UserNumber end) const;
    bool Decode(ByteReader& in, UserNumber begin, UserNumber end);

   private:
    // Values that nobody has any more are forgotten, and their codes used
    // again: push tokens come and go.
    struct Entry {
      std::string text;
      Value value;
      std::optional<Calendar> zone;
      uint32_t users = 0;
    };
    Code CodeFor(std::string_view json_value);
    void Release(Code code);

    const bool zones_;
    std::deque<Entry> entries_ = std::deque<Entry>(1);  // by code; 0: missing
    std::vector<Code> free_;
    boost::unordered_flat_map<std::string_view, Code> index_;
    ProfileCodes codes_;
  };

  Column& ColumnFor(std::string_view key);
  void DropUnused();

  std::map<std::string, Column, std::less<>> columns_;  // those in use
};

}  // namespace rekindle
