#include "engine/sets/user_set.h"

#include <algorithm>
#include <exception>
#include <roaring/roaring.hh>

#include "engine/sets/bit_list.h"

namespace rekindle {
namespace {

constexpr uint64_t kAllSet = ~uint64_t{0};

tl::unexpected<Error> Damaged() {
  return Fail(ErrorKind::kCorrupt, "a stored set of users is damaged");
}

}  // namespace

UserSet::UserSet(uint32_t universe)
    : UserSet(universe, std::make_shared<uint64_t[]>(WordsFor(universe))) {}

UserSet::UserSet(uint32_t universe, Memory memory)
    : words_(std::move(memory)),
      room_(WordsFor(universe)),
      universe_(universe) {}

UserSet UserSet::All(uint32_t universe) {
  UserSet set(universe);
  const auto words = set.words();
  std::fill(words.begin(), words.end(), kAllSet);
  if (universe % 64 != 0) words.back() = kAllSet >> (64 - universe % 64);
  return set;
}

void UserSet::Own() {
  if (!IsShared()) return;
  const size_t size = WordsFor(universe_);
  Memory own = std::make_shared_for_overwrite<uint64_t[]>(size);
  std::copy_n(words_.get(), size, own.get());
  words_ = std::move(own);
  room_ = size;
}

void UserSet::Grow(uint32_t universe) {
  const size_t size = WordsFor(universe);
  if (size > room_ || IsShared()) {
    // Whoever adds one user after another grows by each of them.
    const size_t room = std::max(size, size > room_ ? 2 * room_ : size);
    Memory larger = std::make_shared<uint64_t[]>(room);
    std::copy_n(words_.get(), WordsFor(universe_), larger.get());
    words_ = std::move(larger);
    room_ = room;
  }
  universe_ = universe;
}

template <class Op>
void UserSet::Combine(const UserSet& other, Op&& op) {
  const size_t size = WordsFor(universe_);
  const size_t both = std::min(size, WordsFor(other.universe_));
  const bool shared = IsShared();
  const Memory from = words_, with = other.words_;
  if (shared) {
    words_ = std::make_shared_for_overwrite<uint64_t[]>(size);
    room_ = size;
  }
  uint64_t* out = words_.get();
  for (size_t w = 0; w < both; ++w) out[w] = op(from[w], with[w]);
  for (size_t w = both; w < size; ++w) out[w] = op(from[w], uint64_t{0});
}

void UserSet::Add(UserNumber user) {
  if (user >= universe_) Grow(user + 1);
  Own();
  words_[user >> 6] |= uint64_t{1} << (user & 63);
}

void UserSet::Remove(UserNumber user) {
  if (!Contains(user)) return;
  Own();
  words_[user >> 6] &= ~(uint64_t{1} << (user & 63));
}

uint64_t UserSet::Count() const { return CountBits(words()); }

bool UserSet::Empty() const {
  const auto all = words();
  return std::all_of(all.begin(), all.end(),
                     [](uint64_t word) { return word == 0; });
}

UserSet& UserSet::operator&=(const UserSet& other) {
  Combine(other, [](uint64_t a, uint64_t b) { return a & b; });
  return *this;
}

UserSet& UserSet::operator|=(const UserSet& other) {
  if (other.universe_ > universe_) Grow(other.universe_);
  Combine(other, [](uint64_t a, uint64_t b) { return a | b; });
  return *this;
}

UserSet& UserSet::operator-=(const UserSet& other) {
  Combine(other, [](uint64_t a, uint64_t b) { return a & ~b; });
  return *this;
}

UserSet& UserSet::operator^=(const UserSet& other) {
  if (other.universe_ > universe_) Grow(other.universe_);
  Combine(other, [](uint64_t a, uint64_t b) { return a ^ b; });
  return *this;
}

bool operator==(const UserSet& a, const UserSet& b) {
  const auto& smaller = a.universe_ < b.universe_ ? a : b;
  const auto& larger = a.universe_ < b.universe_ ? b : a;
  const auto few = smaller.words(), many = larger.words();
  if (few.data() == many.data() && few.size() == many.size()) return true;
  return std::equal(few.begin(), few.end(), many.begin()) &&
         std::all_of(many.begin() + few.size(), many.end(),
                     [](uint64_t word) { return word == 0; });
}

std::vector<UserNumber> UserSet::ToList() const {
  std::vector<UserNumber> list(Count());
  ListInto(list);
  return list;
}

void UserSet::ListInto(std::span<UserNumber> list) const {
  ListBits(words(), list.data());
}

std::string UserSet::Serialize() const {
  const std::vector<UserNumber> list = ToList();
  ::Roaring bitmap(list.size(), list.data());
  bitmap.runOptimize();
  std::string bytes(bitmap.getSizeInBytes(), '\0');
  bitmap.write(bytes.data());
  return bytes;
}

Result<UserSet> UserSet::Deserialize(std::string_view bytes) {
  try {
    const auto bitmap = ::Roaring::readSafe(bytes.data(), bytes.size());
    UserSet set(bitmap.isEmpty() ? 0 : bitmap.maximum() + 1);
    std::vector<UserNumber> list(bitmap.cardinality());
    bitmap.toUint32Array(list.data());
    for (UserNumber user : list) set.Add(user);
    return set;
  } catch (const std::exception&) {
    return Damaged();
  }
}

Result<bool> UserSet::HasOne(std::string_view bytes,
                             std::span<const UserNumber> users) {
  try {
    const auto bitmap = ::Roaring::readSafe(bytes.data(), bytes.size());
    return std::any_of(users.begin(), users.end(),
                       [&](UserNumber user) { return bitmap.contains(user); });
  } catch (const std::exception&) {
    return Damaged();
  }
}

}  // namespace rekindle
