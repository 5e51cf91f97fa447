#include "engine/journal/batch.h"

#include <algorithm>
#include <cstring>

#include "engine/journal/packed_numbers.h"
#include "engine/journal/packed_texts.h"
#include "engine/store/packed.h"

namespace rekindle {
namespace {

// Times that are all whole seconds are kept as such.
constexpr int64_t kSecond = 1000;

// One more than the number, so that the users of a batch take few bits though
// some of its records have none.
std::string PackUsers(const std::vector<UserNumber>& users) {
  std::vector<uint32_t> numbers(users.size());
  std::transform(users.begin(), users.end(), numbers.begin(),
                 [](UserNumber user) { return user + 1; });
  std::string bytes;
  PutVarint(&bytes, users.size());
  PutNumbers(&bytes, std::span<const uint32_t>(numbers));
  return Seal(bytes);
}

std::string PackIds(const std::vector<IdHash>& ids) {
  if (std::all_of(ids.begin(), ids.end(), IsNone)) return {};
  // Hashes do not compress.
  return Seal(
      {reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(IdHash)});
}

// The first, then the steps from each to the next.
void PutInstants(std::string* bytes, const std::vector<int64_t>& at) {
  const bool seconds = std::all_of(
      at.begin(), at.end(), [](int64_t ms) { return ms % kSecond == 0; });
  const int64_t unit = seconds ? kSecond : 1;
  int64_t previous = at.empty() ? 0 : at.front() / unit;
  PutVarint(bytes, static_cast<uint64_t>(unit));
  PutSigned(bytes, previous);
  std::vector<uint64_t> steps(at.size());
  for (size_t i = 0; i < at.size(); ++i) {
    const int64_t now = at[i] / unit;
    steps[i] = ZigZag(now - previous);
    previous = now;
  }
  PutNumbers(bytes, std::span<const uint64_t>(steps));
}

// Days are rare (imports dated by day): a leading 0 says that there are none,
// else a record without one is 0, and the others' steps are 1 and more.
void PutDays(std::string* bytes, const std::vector<int32_t>& days) {
  const bool any = std::any_of(days.begin(), days.end(),
                               [](int32_t day) { return day != kExactTime; });
  PutVarint(bytes, any ? 1 : 0);
  if (!any) return;
  std::vector<uint64_t> steps(days.size());
  int32_t previous = 0;
  for (size_t i = 0; i < days.size(); ++i) {
    if (days[i] == kExactTime) continue;
    steps[i] = 1 + ZigZag(int64_t{days[i]} - previous);
    previous = days[i];
  }
  PutNumbers(bytes, std::span<const uint64_t>(steps));
}

std::string PackTimes(const Batch& batch) {
  std::string bytes;
  PutNumbers(&bytes, std::span<const uint32_t>(batch.names));
  PutInstants(&bytes, batch.at);
  PutDays(&bytes, batch.days);
  return Seal(bytes);
}

std::string PackProperties(const Batch& batch) {
  if (std::all_of(batch.properties.begin(), batch.properties.end(),
                  [](std::string_view text) { return text.empty(); })) {
    return {};
  }
  std::string bytes;
  PutTexts(&bytes, batch.properties);
  return Seal(bytes);
}

bool TakeInstants(std::string_view* bytes, std::span<int64_t> at) {
  const auto unit = static_cast<int64_t>(TakeVarint(bytes));
  int64_t now = UnZigZag(TakeVarint(bytes));
  // Signed and unsigned numbers of one size may stand in the same place.
  const std::span steps(reinterpret_cast<uint64_t*>(at.data()), at.size());
  if (!TakeNumbers(bytes, steps)) return false;
  for (int64_t& instant : at) {
    now += UnZigZag(static_cast<uint64_t>(instant));
    instant = now * unit;
  }
  return true;
}

bool TakeDays(std::string_view* bytes, size_t count,
              std::vector<int32_t>* days) {
  days->clear();
  if (TakeVarint(bytes) == 0) return true;
  std::vector<uint64_t> steps(count);
  if (!TakeNumbers(bytes, std::span(steps))) return false;
  days->resize(count, kExactTime);
  int64_t previous = 0;
  for (size_t i = 0; i < count; ++i) {
    if (steps[i] == 0) continue;
    previous += UnZigZag(steps[i] - 1);
    (*days)[i] = static_cast<int32_t>(previous);
  }
  return true;
}

}  // namespace

void Batch::Reserve(size_t records) {
  users.reserve(records);
  names.reserve(records);
  at.reserve(records);
  days.reserve(records);
  properties.reserve(records);
  ids.reserve(records);
}

PackedBatch PackBatch(const Batch& batch) {
  PackedBatch packed;
  PackTexts(batch, &packed);
  PackNumbers(batch, &packed);
  return packed;
}

void PackTexts(const Batch& batch, PackedBatch* packed) {
  packed->properties = PackProperties(batch);
}

void PackNumbers(const Batch& batch, PackedBatch* packed) {
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch.names[i] == 0) continue;
    ++packed->events;
    packed->first_at =
        std::min(packed->first_at.value_or(batch.at[i]), batch.at[i]);
    packed->last_at =
        std::max(packed->last_at.value_or(batch.at[i]), batch.at[i]);
  }
  packed->users = PackUsers(batch.users);
  packed->times = PackTimes(batch);
  packed->ids = PackIds(batch.ids);
}

std::optional<std::vector<IdHash>> UnpackIds(std::string_view packed) {
  if (packed.empty()) return std::vector<IdHash>();
  const auto bytes = Unseal(packed);
  if (!bytes || bytes->size() % sizeof(IdHash) != 0) return std::nullopt;
  std::vector<IdHash> ids(bytes->size() / sizeof(IdHash));
  std::memcpy(ids.data(), bytes->data(), bytes->size());
  return ids;
}

bool BatchReader::OpenUsers(std::string_view packed) {
  auto bytes = Unseal(packed);
  if (!bytes) return false;
  users_.resize(TakeVarint(&*bytes));
  if (!TakeNumbers(&*bytes, std::span(users_))) return false;
  for (UserNumber& user : users_) --user;
  return bytes->empty();
}

bool BatchReader::OpenTimes(std::string_view packed) {
  auto bytes = Unseal(packed);
  if (!bytes) return false;
  names_.resize(size());
  at_.resize(size());
  return TakeNumbers(&*bytes, std::span(names_)) &&
         TakeInstants(&*bytes, at_) && TakeDays(&*bytes, size(), &days_) &&
         bytes->empty();
}

bool BatchReader::OpenProperties(std::string_view packed) {
  properties_.Clear();
  if (packed.empty()) return true;
  auto bytes = Unseal(packed);
  if (!bytes) return false;
  return TakeTexts(&*bytes, size(), &properties_) && bytes->empty();
}

}  // namespace rekindle
