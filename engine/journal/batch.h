// One batch of the journal, column by column, and how it is packed.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/journal.h"

namespace rekindle {

// `day` of an event that is not dated by day.
inline constexpr int32_t kExactTime = std::numeric_limits<int32_t>::min();

// All vectors have one entry a record. A record with the name 0 is no event:
// only its message id counts.
struct Batch {
  std::vector<UserNumber> users;
  std::vector<uint32_t> names;
  std::vector<int64_t> at;                   // epoch ms
  std::vector<int32_t> days;                 // local day number, or kExactTime
  std::vector<std::string_view> properties;  // the texts lie elsewhere
  std::vector<IdHash> ids;

  size_t size() const { return users.size(); }
  void Reserve(size_t records);
};

// What of it is stored. The users stand apart, so that the batches of one user
// are found without unpacking the rest.
struct PackedBatch {
  int64_t events = 0;                        // records that are events
  std::optional<int64_t> first_at, last_at;  // of those
  std::string users;
  std::string data;
  std::string ids;  // empty: no record has an id
};

PackedBatch PackBatch(const Batch& batch);

// Nothing (false) where the bytes are damaged.
std::optional<std::vector<UserNumber>> UnpackUsers(std::string_view packed);
std::optional<std::vector<IdHash>> UnpackIds(std::string_view packed);

// The records of one packed batch in order, without copying their texts.
class BatchReader {
 public:
  // False where the bytes are damaged.
  bool Open(std::string_view users, std::string_view data);

  size_t size() const { return users_.size(); }
  UserNumber user(size_t i) const { return users_[i]; }
  uint32_t name(size_t i) const { return names_[i]; }
  int64_t at(size_t i) const { return at_[i]; }
  int32_t day(size_t i) const { return days_.empty() ? kExactTime : days_[i]; }
  std::string_view properties(size_t i) const {
    return std::string_view(texts_).substr(offsets_[i],
                                           offsets_[i + 1] - offsets_[i]);
  }

 private:
  std::vector<UserNumber> users_;
  std::vector<uint32_t> names_;
  std::vector<int64_t> at_;
  std::vector<int32_t> days_;
  std::vector<size_t> offsets_;
  std::string texts_;
};

}  // namespace rekindle
