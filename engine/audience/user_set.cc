#include "engine/audience/user_set.h"

#include <algorithm>
#include <exception>
#include <roaring/roaring.hh>

namespace rekindle {
namespace {

size_t WordsFor(uint32_t universe) { return (size_t{universe} + 63) / 64; }

}  // namespace

UserSet::UserSet(uint32_t universe)
    : words_(WordsFor(universe), 0), universe_(universe) {}

UserSet UserSet::All(uint32_t universe) {
  UserSet set(universe);
  std::fill(set.words_.begin(), set.words_.end(), ~uint64_t{0});
  if (universe % 64 != 0) {
    set.words_.back() = (uint64_t{1} << (universe % 64)) - 1;
  }
  return set;
}

void UserSet::Add(UserNumber user) {
  if (user >= universe_) {
    universe_ = user + 1;
    words_.resize(WordsFor(universe_), 0);
  }
  words_[user >> 6] |= uint64_t{1} << (user & 63);
}

void UserSet::Remove(UserNumber user) {
  if (user < universe_) words_[user >> 6] &= ~(uint64_t{1} << (user & 63));
}

uint64_t UserSet::Count() const {
  uint64_t count = 0;
  for (uint64_t word : words_) count += std::popcount(word);
  return count;
}

bool UserSet::Empty() const {
  return std::all_of(words_.begin(), words_.end(),
                     [](uint64_t word) { return word == 0; });
}

UserSet& UserSet::operator&=(const UserSet& other) {
  const size_t shared = std::min(words_.size(), other.words_.size());
  for (size_t w = 0; w < shared; ++w) words_[w] &= other.words_[w];
  std::fill(words_.begin() + shared, words_.end(), 0);
  return *this;
}

UserSet& UserSet::operator|=(const UserSet& other) {
  if (other.universe_ > universe_) {
    universe_ = other.universe_;
    words_.resize(WordsFor(universe_), 0);
  }
  for (size_t w = 0; w < other.words_.size(); ++w) words_[w] |= other.words_[w];
  return *this;
}

UserSet& UserSet::operator-=(const UserSet& other) {
  const size_t shared = std::min(words_.size(), other.words_.size());
  for (size_t w = 0; w < shared; ++w) words_[w] &= ~other.words_[w];
  return *this;
}

UserSet& UserSet::operator^=(const UserSet& other) {
  if (other.universe_ > universe_) {
    universe_ = other.universe_;
    words_.resize(WordsFor(universe_), 0);
  }
  for (size_t w = 0; w < other.words_.size(); ++w) words_[w] ^= other.words_[w];
  return *this;
}

bool operator==(const UserSet& a, const UserSet& b) {
  const auto& shorter = a.words_.size() < b.words_.size() ? a.words_ : b.words_;
  const auto& longer = a.words_.size() < b.words_.size() ? b.words_ : a.words_;
  return std::equal(shorter.begin(), shorter.end(), longer.begin()) &&
         std::all_of(longer.begin() + shorter.size(), longer.end(),
                     [](uint64_t word) { return word == 0; });
}

std::vector<UserNumber> UserSet::ToList() const {
  std::vector<UserNumber> list;
  list.reserve(Count());
  ForEach([&](UserNumber user) { list.push_back(user); });
  return list;
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
    return Fail(ErrorKind::kCorrupt, "a stored set of users is damaged");
  }
}

}  // namespace rekindle
