// One batch of the journal, column by column, and how it is packed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/packed_texts.h"

namespace rekindle {

// All vectors have one entry per record. A record whose name is 0 is no event:
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

// A batch as it is stored. Users, times and properties are packed apart, so
// that a reader unpacks only what it needs. Users and times are numbers at so
// many bits each (packed_numbers.h), which a compressor would make little
// smaller and much slower to read; properties are texts that are much alike
// (packed_texts.h); ids are hashes, which nothing makes smaller.
struct PackedBatch {
  int64_t events = 0;                        // records that are events
  std::optional<int64_t> first_at, last_at;  // of those
  std::string users;
  std::string times;  // names, instants, days
  std::string properties;
  std::string ids;  // empty: no record has an id
};

PackedBatch PackBatch(const Batch& batch);
// The two halves of PackBatch, the properties and all else: they cost about the
// same and may run at the same time.
void PackTexts(const Batch& batch, PackedBatch* packed);
void PackNumbers(const Batch& batch, PackedBatch* packed);

// Nothing where the bytes are damaged.
std::optional<std::vector<IdHash>> UnpackIds(std::string_view packed);

// The records of one packed batch in order, part by part. Each Open is false
// where the bytes are damaged; the users come first.
class BatchReader {
 public:
  bool OpenUsers(std::string_view packed);
  bool OpenTimes(std::string_view packed);
  bool OpenProperties(std::string_view packed);

  size_t size() const { return users_.size(); }
  std::span<const UserNumber> users() const { return users_; }
  std::span<const uint32_t> names() const { return names_; }
  std::span<const int64_t> at() const { return at_; }
  // Empty where no record is dated by day.
  std::span<const int32_t> days() const { return days_; }
  int32_t day(size_t i) const { return days_.empty() ? kExactTime : days_[i]; }
  std::string_view properties(size_t i) const {
    return properties_.size() == 0 ? std::string_view() : properties_[i];
  }

 private:
  std::vector<UserNumber> users_;
  std::vector<uint32_t> names_;
  std::vector<int64_t> at_;
  std::vector<int32_t> days_;
  TextColumn properties_;  // empty: no record has any
};

}  // namespace rekindle
