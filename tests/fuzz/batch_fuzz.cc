// What stands on disk in packed columns: a batch of the journal and a block of
// users come back as they were; where bytes of them were changed or cut off,
// that is told, or what comes back has the right sizes. Nothing is read beyond
// its end.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/journal/batch.h"
#include "engine/journal/packed_numbers.h"
#include "engine/users/user_block.h"
#include "tests/fuzz/fuzz.h"

namespace rekindle {
namespace {

using fuzz::Require;

// Takes small numbers off the front; 0 at the end.
class Bytes {
 public:
  explicit Bytes(std::string_view left) : left_(left) {}

  uint64_t Number(size_t bytes) {
    uint64_t number = 0;
    for (size_t i = 0; i < bytes && !left_.empty(); ++i) {
      number = number << 8 | static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
    }
    return number;
  }
  // What is left, line by line.
  std::vector<std::string_view> Lines(size_t most) {
    std::vector<std::string_view> lines;
    while (!left_.empty() && lines.size() < most) {
      const size_t end = std::min(left_.find('\n'), left_.size());
      lines.push_back(left_.substr(0, end));
      left_.remove_prefix(std::min(end + 1, left_.size()));
    }
    return lines;
  }
  std::string_view left() const { return left_; }

 private:
  std::string_view left_;
};

// How a disk, or whoever writes to it, may spoil bytes.
struct Damage {
  explicit Damage(Bytes& in)
      : at(in.Number(2)), cuts(in.Number(1) % 2 == 1), flip(in.Number(1)) {}

  // In an allocation of its own, so that reading past its end is noticed.
  std::vector<char> Of(std::string_view bytes) const {
    std::vector<char> spoilt(bytes.begin(), bytes.end());
    if (spoilt.empty()) return spoilt;
    const size_t place = at % spoilt.size();
    if (cuts) return {spoilt.begin(), spoilt.begin() + place};
    spoilt[place] = static_cast<char>(spoilt[place] ^ flip);
    return spoilt;
  }

  size_t at;
  bool cuts;
  uint64_t flip;
};

std::string_view ViewOf(const std::vector<char>& bytes) {
  return {bytes.data(), bytes.size()};
}

Batch BatchOf(const std::vector<std::string_view>& lines) {
  Batch batch;
  for (std::string_view line : lines) {
    Bytes in(line);
    batch.users.push_back(static_cast<UserNumber>(in.Number(4)));
    batch.names.push_back(static_cast<uint32_t>(in.Number(1)));
    // Far before and after our time.
    batch.at.push_back(static_cast<int64_t>(in.Number(6)) - (int64_t{1} << 47));
    const auto day = static_cast<int32_t>(in.Number(2));
    batch.days.push_back(day % 3 == 0 ? day : kExactTime);
    batch.ids.push_back(day % 2 == 0 ? IdHash{in.Number(8), in.Number(1)}
                                     : IdHash{});
    batch.properties.push_back(in.left());
  }
  return batch;
}

void RequireSame(const Batch& batch, const BatchReader& read) {
  Require(std::ranges::equal(read.users(), batch.users), "the users stay");
  Require(std::ranges::equal(read.names(), batch.names), "the names stay");
  Require(std::ranges::equal(read.at(), batch.at), "the times stay");
  for (size_t i = 0; i < batch.size(); ++i) {
    Require(read.day(i) == batch.days[i], "the days stay");
    Require(read.properties(i) == batch.properties[i], "the properties stay");
  }
}

void RequireIds(const Batch& batch, const PackedBatch& packed) {
  const auto ids = UnpackIds(packed.ids);
  Require(ids.has_value(), "the ids are read");
  if (packed.ids.empty()) {
    Require(std::ranges::all_of(batch.ids, IsNone), "ids are packed");
  } else {
    Require(*ids == batch.ids, "the ids stay");
  }
}

// Of a batch whose parts are damaged: what is opened has the right sizes.
void RequireSizes(const PackedBatch& packed, const Damage& damage) {
  const std::vector<char> ids = damage.Of(packed.ids);
  UnpackIds(ViewOf(ids));
  const std::vector<char> users = damage.Of(packed.users);
  const std::vector<char> times = damage.Of(packed.times);
  const std::vector<char> properties = damage.Of(packed.properties);
  BatchReader spoilt;
  spoilt.OpenUsers(ViewOf(users));
  BatchReader read;
  Require(read.OpenUsers(packed.users), "the users are read");
  if (read.OpenTimes(ViewOf(times))) {
    Require(read.names().size() == read.size(), "a name a record");
    Require(read.at().size() == read.size(), "a time a record");
    Require(read.days().empty() || read.days().size() == read.size(),
            "a day a record");
  }
  if (read.OpenProperties(ViewOf(properties))) {
    size_t bytes = 0;
    for (size_t i = 0; i < read.size(); ++i) bytes += read.properties(i).size();
    Require(bytes == 0 || !properties.empty(), "texts come from somewhere");
  }
}

void RequireBatches(const std::vector<std::string_view>& lines,
                    const Damage& damage) {
  const Batch batch = BatchOf(lines);
  const PackedBatch packed = PackBatch(batch);
  BatchReader read;
  Require(read.OpenUsers(packed.users) && read.OpenTimes(packed.times) &&
              read.OpenProperties(packed.properties),
          "what was packed is read");
  RequireSame(batch, read);
  RequireIds(batch, packed);
  RequireSizes(packed, damage);
}

bool IsSame(const UserRecord& a, const UserRecord& b) {
  return a.id == b.id && a.kind == b.kind && a.into == b.into &&
         a.first == b.first && a.created == b.created &&
         a.experiment_key == b.experiment_key;
}

void RequireUserBlocks(const std::vector<std::string_view>& lines,
                       const Damage& damage) {
  std::vector<UserRecord> records;
  for (std::string_view line : lines) {
    Bytes in(line);
    UserRecord record;
    const uint64_t how = in.Number(1);
    record.kind = static_cast<UserKind>(how % 3);
    if (how & 8) record.into = static_cast<UserNumber>(in.Number(3));
    for (Stamp* stamp : {&record.first, &record.created}) {
      if (in.Number(1) % 2 == 0) continue;
      const auto at = static_cast<int64_t>(in.Number(5));
      *stamp = Stamp::OfBits(how & 16 ? -at : at * 1000, how & 15);
    }
    record.id = in.left();
    if (how & 32) record.experiment_key = line;
    records.push_back(record);
  }
  const std::string packed = PackUserBlock(records);
  const auto read = UnpackUserBlock(packed);
  Require(read.has_value(), "what was packed is read");
  Require(std::ranges::equal(read->records, records, IsSame), "users stay");
  const std::vector<char> bytes = damage.Of(packed);
  const auto spoilt = UnpackUserBlock(ViewOf(bytes));
  Require(!spoilt || spoilt->records.size() <= kUsersInBlock, "a block's size");
}

// No seal stands around these: any bytes come as far as here.
template <class Number>
void RequireNumbers(size_t count, std::string_view bytes) {
  std::vector<Number> numbers(count);
  std::string_view left = bytes;
  if (!TakeNumbers(&left, std::span(numbers))) return;
  Require(left.size() <= bytes.size(), "they come off the front");
  std::string put;
  PutNumbers(&put, std::span<const Number>(numbers));
  std::vector<Number> again(count);
  std::string_view rest = put;
  Require(TakeNumbers(&rest, std::span(again)) && rest.empty(),
          "what was put is taken");
  Require(again == numbers, "the numbers stay");
}

}  // namespace
}  // namespace rekindle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  Bytes in(fuzz::TextOf(data, size));
  const Damage damage(in);
  const std::string_view rest = in.left();
  const size_t count = damage.at % 1024;
  const std::vector<char> bytes(rest.begin(), rest.end());
  RequireNumbers<uint32_t>(count, ViewOf(bytes));
  RequireNumbers<uint64_t>(count, ViewOf(bytes));
  UnpackIds(ViewOf(bytes));
  UnpackUserBlock(ViewOf(bytes));
  const std::vector<std::string_view> lines = in.Lines(kUsersInBlock);
  RequireBatches(lines, damage);
  RequireUserBlocks(lines, damage);
  return 0;
}
