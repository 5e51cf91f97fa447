#include "engine/users/user_block.h"

#include <numeric>

#include "engine/store/packed.h"

namespace rekindle {
namespace {

using StampOf = Stamp UserRecord::*;

// The largest unit in which all instants are whole numbers: input is often in
// seconds, or in days.
int64_t UnitOf(std::span<const UserRecord> records, StampOf stamp) {
  int64_t unit = 0;
  for (const UserRecord& record : records) {
    const Stamp& s = record.*stamp;
    if (s.known() && (unit == 0 || s.at() % unit != 0)) {
      unit = std::gcd(unit, s.at());
    }
  }
  return unit == 0 ? 1 : unit;
}

// For each user 0 (none), or 1 + the difference to the one before; then, for
// each that has one, what stands below the instant.
void PutStamps(std::string* out, std::span<const UserRecord> records,
               StampOf stamp) {
  const int64_t unit = UnitOf(records, stamp);
  PutVarint(out, static_cast<uint64_t>(unit));
  std::string lows;
  int64_t before = 0;
  for (const UserRecord& record : records) {
    const Stamp& s = record.*stamp;
    if (!s.known()) {
      PutVarint(out, 0);
      continue;
    }
    const int64_t step = s.at() / unit - before;
    PutVarint(out, 1 + ZigZag(step));
    lows += static_cast<char>(s.low());
    before += step;
  }
  *out += lows;
}

void GetStamps(ByteReader& in, std::vector<UserRecord>* records,
               StampOf stamp) {
  const auto unit = static_cast<int64_t>(in.Varint());
  std::vector<Stamp*> known;
  known.reserve(records->size());
  std::vector<int64_t> instants;
  instants.reserve(records->size());
  int64_t at = 0;
  for (UserRecord& record : *records) {
    const uint64_t put = in.Varint();
    if (put == 0) continue;
    at += UnZigZag(put - 1);
    known.push_back(&(record.*stamp));
    instants.push_back(at * unit);
  }
  const std::string_view lows = in.Bytes(known.size());
  for (size_t i = 0; i < lows.size(); ++i) {
    *known[i] = Stamp::OfBits(instants[i], lows[i]);
  }
}

void GetIds(ByteReader& in, std::vector<UserRecord>* records) {
  std::vector<size_t> sizes(records->size());
  for (size_t& size : sizes) size = in.Varint();
  for (size_t i = 0; i < sizes.size(); ++i) {
    (*records)[i].id = in.Bytes(sizes[i]);
  }
}

// Few have them: the gaps between those who do.
template <class Has, class Put>
void PutSparse(std::string* out, std::span<const UserRecord> records, Has has,
               Put put) {
  std::string entries;
  uint64_t count = 0;
  size_t next = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    if (!has(records[i])) continue;
    PutVarint(&entries, i - next);
    put(&entries, records[i]);
    next = i + 1;
    ++count;
  }
  PutVarint(out, count);
  *out += entries;
}

// False where an entry lies outside the block.
template <class Get>
bool GetSparse(ByteReader& in, std::vector<UserRecord>* records, Get get) {
  size_t next = 0;
  for (uint64_t count = in.Varint(); count > 0; --count) {
    next += in.Varint();
    if (next >= records->size()) return false;
    get((*records)[next++]);
  }
  return true;
}

}  // namespace

std::string PackUserBlock(std::span<const UserRecord> records) {
  std::string bytes;
  PutVarint(&bytes, records.size());
  for (const UserRecord& r : records) bytes += static_cast<char>(r.kind);
  for (const UserRecord& r : records) PutVarint(&bytes, r.id.size());
  for (const UserRecord& r : records) bytes += r.id;
  PutStamps(&bytes, records, &UserRecord::first);
  PutStamps(&bytes, records, &UserRecord::created);
  PutSparse(
      &bytes, records, [](const auto& r) { return r.into != kNoUser; },
      [](std::string* out, const auto& r) { PutVarint(out, r.into); });
  PutSparse(
      &bytes, records, [](const auto& r) { return !r.experiment_key.empty(); },
      [](std::string* out, const auto& r) { PutText(out, r.experiment_key); });
  return Pack(bytes);
}

std::optional<UnpackedUserBlock> UnpackUserBlock(std::string_view packed) {
  auto unpacked = Unpack(packed);
  if (!unpacked) return std::nullopt;
  // On the heap even where short, so that moving it moves no text.
  auto bytes = std::make_unique<const std::string>(*std::move(unpacked));
  ByteReader in(*bytes);
  const uint64_t count = in.Varint();
  if (count > kUsersInBlock) return std::nullopt;
  std::vector<UserRecord> records(count);
  const std::string_view kinds = in.Bytes(count);
  if (!in.ok()) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    records[i].kind = static_cast<UserKind>(kinds[i]);
    if (records[i].kind > UserKind::kErased) return std::nullopt;
  }
  GetIds(in, &records);
  GetStamps(in, &records, &UserRecord::first);
  GetStamps(in, &records, &UserRecord::created);
  const bool fits = GetSparse(in, &records,
                              [&](UserRecord& r) {
                                r.into = static_cast<UserNumber>(in.Varint());
                              }) &&
                    GetSparse(in, &records, [&](UserRecord& r) {
                      r.experiment_key = in.Bytes(in.Varint());
                    });
  if (!fits || !in.ok() || in.left() > 0) return std::nullopt;
  return UnpackedUserBlock{std::move(bytes), std::move(records)};
}

}  // namespace rekindle
