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

std::string PackTimes(const Batch& batch) {
  std::string bytes;
  bytes.reserve(batch.size() * 8);
  for (uint32_t name : batch.names) PutVarint(&bytes, name);
  int64_t previous = 0;
  for (int64_t at : batch.at) {
    PutSigned(&bytes, at - previous);
    previous = at;
  }
  PutDays(&bytes, batch.days);
  return Pack(bytes);
}

std::string PackProperties(const Batch& batch) {
  size_t texts = 0;
  for (std::string_view text : batch.properties) texts += text.size();
  if (texts == 0) return {};
  std::string bytes;
  bytes.reserve(batch.size() * 2 + texts);
  for (std::string_view text : batch.properties) PutVarint(&bytes, text.size());
  for (std::string_view text : batch.properties) bytes += text;
  return Pack(bytes);
}

// ByteReader's Varint in the open, as a rebuild reads numbers by the hundred
// million. Past the end, or at a malformed number, ok() is false from then on.
class NumberReader {
 public:
  explicit NumberReader(std::string_view bytes)
      : at_(reinterpret_cast<const unsigned char*>(bytes.data())),
        end_(at_ + bytes.size()) {}

  uint64_t Next() {
    uint64_t value = 0;
    for (int shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const unsigned char byte = *at_++;
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  int64_t NextSigned() {
    const uint64_t folded = Next();
    return static_cast<int64_t>(folded >> 1) ^
           -static_cast<int64_t>(folded & 1);
  }

  bool ok() const { return ok_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

 private:
  const unsigned char* at_;
  const unsigned char* const end_;
  bool ok_ = true;
};

void GetDays(NumberReader& in, size_t count, std::vector<int32_t>* days) {
  days->clear();
  if (in.Next() == 0) return;
  days->resize(count, kExactTime);
  int32_t previous = 0;
  for (int32_t& day : *days) {
    if (in.Next() == 0) continue;
    previous = static_cast<int32_t>(previous + in.NextSigned());
    day = previous;
  }
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
  packed.times = PackTimes(batch);
  packed.properties = PackProperties(batch);
  packed.ids = PackIds(batch.ids);
  return packed;
}

std::optional<std::vector<IdHash>> UnpackIds(std::string_view packed) {
  if (packed.empty()) return std::vector<IdHash>();
  const auto bytes = Unpack(packed);
  if (!bytes || bytes->size() % sizeof(IdHash) != 0) return std::nullopt;
  std::vector<IdHash> ids(bytes->size() / sizeof(IdHash));
  std::memcpy(ids.data(), bytes->data(), bytes->size());
  return ids;
}

bool BatchReader::OpenUsers(std::string_view packed) {
  const auto bytes = Unpack(packed);
  if (!bytes) return false;
  NumberReader in(*bytes);
  const uint64_t count = in.Next();
  if (count > in.left()) return false;
  users_.resize(count);
  for (UserNumber& user : users_) user = static_cast<UserNumber>(in.Next());
  return in.ok() && in.left() == 0;
}

bool BatchReader::OpenTimes(std::string_view packed) {
  const auto bytes = Unpack(packed);
  if (!bytes) return false;
  NumberReader in(*bytes);
  names_.resize(size());
  for (uint32_t& name : names_) name = static_cast<uint32_t>(in.Next());
  at_.resize(size());
  int64_t previous = 0;
  for (int64_t& at : at_) at = previous += in.NextSigned();
  GetDays(in, size(), &days_);
  return in.ok() && in.left() == 0;
}

bool BatchReader::OpenProperties(std::string_view packed) {
  offsets_.assign(size() + 1, 0);
  texts_.clear();
  if (packed.empty()) return true;
  auto bytes = Unpack(packed);
  if (!bytes) return false;
  NumberReader in(*bytes);
  for (size_t i = 0; i < size(); ++i) offsets_[i + 1] = in.Next();
  const size_t lengths = bytes->size() - in.left();
  offsets_[0] = lengths;
  for (size_t i = 0; i < size(); ++i) offsets_[i + 1] += offsets_[i];
  texts_ = std::move(*bytes);
  return in.ok() && offsets_.back() == texts_.size();
}

}  // namespace rekindle
