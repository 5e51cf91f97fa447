#include "engine/journal/batch.h"

#include <algorithm>
#include <cstring>

#include "engine/store/packed.h"

namespace rekindle {
namespace {

std::string PackUsers(const std::vector<UserNumber>& users) {
  std::string bytes;
  bytes.reserve(users.size() * 4);
  PutVarint(&bytes, users.size());
  for (UserNumber user : users) PutVarint(&bytes, user);
  return Pack(bytes);
}

std::string PackIds(const std::vector<IdHash>& ids) {
  if (std::all_of(ids.begin(), ids.end(),
                  [](const IdHash& id) { return id == IdHash{}; })) {
    return {};
  }
  return Pack(
      {reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(IdHash)});
}

// Days are rare (imports dated by day): a leading 0 says that there are none.
void PutDays(std::string* bytes, const std::vector<int32_t>& days) {
  const bool any = std::any_of(days.begin(), days.end(),
                               [](int32_t day) { return day != kExactTime; });
  PutVarint(bytes, any ? 1 : 0);
  if (!any) return;
  int32_t previous = 0;
  for (int32_t day : days) {
    PutVarint(bytes, day == kExactTime ? 0 : 1);
    if (day == kExactTime) continue;
    PutSigned(bytes, int64_t{day} - previous);
    previous = day;
  }
}

std::vector<int32_t> GetDays(ByteReader& in, size_t count) {
  std::vector<int32_t> days;
  if (in.Varint() == 0) return days;
  days.reserve(count);
  int32_t previous = 0;
  for (size_t i = 0; i < count; ++i) {
    if (in.Varint() == 0) {
      days.push_back(kExactTime);
    } else {
      previous = static_cast<int32_t>(previous + in.Signed());
      days.push_back(previous);
    }
  }
  return days;
}

std::string PackData(const Batch& batch) {
  size_t texts = 0;
  for (std::string_view text : batch.properties) texts += text.size();
  std::string bytes;
  bytes.reserve(batch.size() * 8 + texts);
  for (uint32_t name : batch.names) PutVarint(&bytes, name);
  int64_t previous = 0;
  for (int64_t at : batch.at) {
    PutSigned(&bytes, at - previous);
    previous = at;
  }
  PutDays(&bytes, batch.days);
  for (std::string_view text : batch.properties) {
    PutVarint(&bytes, text.size());
  }
  for (std::string_view text : batch.properties) bytes += text;
  return Pack(bytes);
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
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch.names[i] == 0) continue;
    ++packed.events;
    packed.first_at =
        std::min(packed.first_at.value_or(batch.at[i]), batch.at[i]);
    packed.last_at =
        std::max(packed.last_at.value_or(batch.at[i]), batch.at[i]);
  }
  packed.users = PackUsers(batch.users);
  packed.data = PackData(batch);
  packed.ids = PackIds(batch.ids);
  return packed;
}

std::optional<std::vector<UserNumber>> UnpackUsers(std::string_view packed) {
  const auto bytes = Unpack(packed);
  if (!bytes) return std::nullopt;
  ByteReader in(*bytes);
  const uint64_t count = in.Varint();
  if (count > in.left()) return std::nullopt;
  std::vector<UserNumber> users(count);
  for (UserNumber& user : users) user = static_cast<UserNumber>(in.Varint());
  if (!in.ok() || in.left() != 0) return std::nullopt;
  return users;
}

std::optional<std::vector<IdHash>> UnpackIds(std::string_view packed) {
  if (packed.empty()) return std::vector<IdHash>();
  const auto bytes = Unpack(packed);
  if (!bytes || bytes->size() % sizeof(IdHash) != 0) return std::nullopt;
  std::vector<IdHash> ids(bytes->size() / sizeof(IdHash));
  std::memcpy(ids.data(), bytes->data(), bytes->size());
  return ids;
}

bool BatchReader::Open(std::string_view users, std::string_view data) {
  auto numbers = UnpackUsers(users);
  auto bytes = Unpack(data);
  if (!numbers || !bytes) return false;
  users_ = std::move(*numbers);
  const size_t count = users_.size();

  ByteReader in(*bytes);
  names_.resize(count);
  for (uint32_t& name : names_) name = static_cast<uint32_t>(in.Varint());
  at_.resize(count);
  int64_t previous = 0;
  for (int64_t& at : at_) at = previous += in.Signed();
  days_ = GetDays(in, count);
  offsets_.assign(count + 1, 0);
  for (size_t i = 0; i < count; ++i) {
    offsets_[i + 1] = offsets_[i] + in.Varint();
  }
  if (!in.ok() || in.left() != offsets_[count]) return false;
  bytes->erase(0, bytes->size() - in.left());
  texts_ = std::move(*bytes);
  return true;
}

}  // namespace rekindle
