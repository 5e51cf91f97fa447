// A set of users as a bitmap over dense user numbers: what every condition
// yields. Set algebra is word by word; 10 million users are 1.25 MB.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "engine/event.h"

namespace rekindle {

// A value; not thread-safe while written. Sets of different sizes combine as
// if the smaller one were padded with absent users.
class UserSet {
 public:
  UserSet() = default;
  // Room for users 0 .. universe-1, none present.
  explicit UserSet(uint32_t universe);
  static UserSet All(uint32_t universe);

  uint32_t universe() const { return universe_; }
  bool Contains(UserNumber user) const {
    return user < universe_ && (words_[user >> 6] >> (user & 63) & 1);
  }
  void Add(UserNumber user);  // grows the universe where needed
  void Remove(UserNumber user);
  uint64_t Count() const;
  bool Empty() const;

  UserSet& operator&=(const UserSet& other);
  UserSet& operator|=(const UserSet& other);
  UserSet& operator-=(const UserSet& other);
  UserSet& operator^=(const UserSet& other);
  friend UserSet operator&(UserSet a, const UserSet& b) { return a &= b; }
  friend UserSet operator|(UserSet a, const UserSet& b) { return a |= b; }
  friend UserSet operator-(UserSet a, const UserSet& b) { return a -= b; }
  friend UserSet operator^(UserSet a, const UserSet& b) { return a ^= b; }
  friend bool operator==(const UserSet& a, const UserSet& b);

  // f(UserNumber) in ascending order.
  template <class F>
  void ForEach(F&& f) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) {
        f(static_cast<UserNumber>(w * 64 + std::countr_zero(bits)));
      }
    }
  }
  std::vector<UserNumber> ToList() const;

  // Bit i of word w is user 64 w + i; bits past the universe are 0.
  std::span<uint64_t> words() { return words_; }
  std::span<const uint64_t> words() const { return words_; }

  // Compressed, for storage (the portable Roaring format).
  std::string Serialize() const;
  static Result<UserSet> Deserialize(std::string_view bytes);

 private:
  std::vector<uint64_t> words_;
  uint32_t universe_ = 0;
};

}  // namespace rekindle
