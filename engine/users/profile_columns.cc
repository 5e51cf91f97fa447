#include "engine/users/profile_columns.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/users/profile_change.h"

namespace rekindle {
namespace {

constexpr std::string_view kZoneKey = "time_zone";
// Those that Rekindle itself reads.
constexpr std::array<std::string_view, 5> kOwnKeys = {
    "email", "phone", "push_token", "language", kZoneKey};

const Value kMissing;

}  // namespace

void ProfileColumns::Column::Set(UserNumber user, std::string_view json_value) {
  const Code code = json_value.empty() ? 0 : CodeFor(json_value);
  ++entries_[code].users;
  Release(codes_.Put(user, code));
}

ProfileColumns::Code ProfileColumns::Column::CodeFor(
    std::string_view json_value) {
  const auto found = index_.find(json_value);
  if (found != index_.end()) return found->second;
  Code code = static_cast<Code>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    code = free_.back();
    free_.pop_back();
  }
  Entry& entry = entries_[code];
  entry.text = json_value;
  entry.value = ValueOfJson(entry.text);
  if (zones_) {
    if (auto zone = Calendar::Load(ValueText(entry.value))) entry.zone = *zone;
  }
  index_.emplace(entry.text, code);
  return code;
}

void ProfileColumns::Column::Release(Code code) {
  Entry& entry = entries_[code];
  if (code == 0 || --entry.users > 0) return;
  index_.erase(entry.text);
  entry = Entry();
  free_.push_back(code);
}

const Calendar* ProfileColumns::Column::ZoneAt(Code code) const {
  const auto& zone = entries_[code].zone;
  return zone ? &*zone : nullptr;
}

UserSet ProfileColumns::Column::Select(const ValueTest& test,
                                       uint32_t universe) const {
  std::vector<char> holds(entries_.size());
  for (size_t code = 0; code < holds.size(); ++code) {
    holds[code] = test.Holds(entries_[code].value);
  }
  UserSet set = holds[0] ? UserSet::All(universe) : UserSet(universe);
  codes_.ForEach([&](UserNumber user, Code code) {
    if (user >= universe || holds[code] == holds[0]) return;
    holds[code] ? set.Add(user) : set.Remove(user);
  });
  return set;
}

bool ProfileColumns::IsNew(std::string_view key) const {
  return !columns_.contains(key) &&
         std::find(kOwnKeys.begin(), kOwnKeys.end(), key) == kOwnKeys.end();
}

size_t ProfileColumns::Room() const {
  return columns_.size() < kMostKeys ? kMostKeys - columns_.size() : 0;
}

void ProfileColumns::DropUnused() {
  std::erase_if(columns_, [](const auto& c) { return !c.second.in_use(); });
}

ProfileColumns::Column& ProfileColumns::ColumnFor(std::string_view key) {
  auto found = columns_.find(key);
  if (found == columns_.end()) {
    found = columns_.try_emplace(std::string(key), key == kZoneKey).first;
  }
  return found->second;
}

void ProfileColumns::Set(UserNumber user, std::string_view key,
                         std::string_view json_value) {
  if (!json_value.empty()) return ColumnFor(key).Set(user, json_value);
  const auto found = columns_.find(key);
  if (found == columns_.end()) return;
  found->second.Set(user, json_value);
  if (!found->second.in_use()) columns_.erase(found);
}

void ProfileColumns::Merge(UserNumber from, UserNumber into) {
  for (auto& [key, column] : columns_) {
    const Code theirs = column.CodeOf(from);
    if (theirs == 0) continue;
    if (column.CodeOf(into) == 0) {
      column.Set(into, std::string(column.Text(theirs)));
    }
    column.Set(from, {});
  }
  DropUnused();
}

void ProfileColumns::Erase(UserNumber user) {
  for (auto& [key, column] : columns_) column.Set(user, {});
  DropUnused();
}

std::string ProfileColumns::ObjectOf(UserNumber user) const {
  std::string object = "{";
  for (const auto& [key, column] : columns_) {
    const Code code = column.CodeOf(user);
    if (code == 0) continue;
    if (object.size() > 1) object += ',';
    object += nlohmann::json(key).dump();
    object += ':';
    object += column.Text(code);
  }
  return object + "}";
}

const Value& ProfileColumns::ValueOf(UserNumber user,
                                     std::string_view key) const {
  const auto found = columns_.find(key);
  if (found == columns_.end()) return kMissing;
  return found->second.ValueAt(found->second.CodeOf(user));
}

std::string_view ProfileColumns::TextOf(UserNumber user,
                                        std::string_view key) const {
  const auto found = columns_.find(key);
  if (found == columns_.end()) return {};
  return found->second.Text(found->second.CodeOf(user));
}

UserSet ProfileColumns::Select(std::string_view key, const ValueTest& test,
                               uint32_t universe) const {
  const auto found = columns_.find(key);
  if (found != columns_.end()) return found->second.Select(test, universe);
  return test.Holds(kMissing) ? UserSet::All(universe) : UserSet(universe);
}

const Calendar* ProfileColumns::ZoneOf(UserNumber user) const {
  const auto found = columns_.find(kZoneKey);
  if (found == columns_.end()) return nullptr;
  return found->second.ZoneAt(found->second.CodeOf(user));
}

std::vector<std::string> ProfileColumns::Keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, column] : columns_) keys.push_back(key);
  return keys;
}

}  // namespace rekindle
