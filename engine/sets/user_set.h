// A set of users as a bitmap over dense user numbers: what every condition
// yields. Set algebra is word by word; 10 million users are 1.25 MB.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "engine/model/event.h"

namespace rekindle {

// A value; not thread-safe while written. Copies share their words until one of
// them is written, so that handing a set on costs nothing. Sets of different
// sizes combine as if the smaller one were padded with absent users.
class UserSet {
 public:
  // The words of one set or of several, side by side.
  using Memory = std::shared_ptr<uint64_t[]>;
  static constexpr size_t WordsFor(uint32_t universe) {
    return (size_t{universe} + 63) / 64;
  }

  UserSet() = default;
  // Room for users 0 .. universe-1, none present.
  explicit UserSet(uint32_t universe);
  // A set over the first WordsFor(universe) words of `memory`, which nobody
  // else writes from now on; their bits say who is present.
  UserSet(uint32_t universe, Memory memory);
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
    const auto all = words();
    for (size_t w = 0; w < all.size(); ++w) {
      for (uint64_t bits = all[w]; bits != 0; bits &= bits - 1) {
        f(static_cast<UserNumber>(w * 64 + std::countr_zero(bits)));
      }
    }
  }
  std::vector<UserNumber> ToList() const;
  // The same into `list`, which has room for all of them.
  void ListInto(std::span<UserNumber> list) const;

  // Bit i of word w is user 64 w + i; bits past the universe are 0.
  std::span<uint64_t> words() {
    Own();
    return {words_.get(), WordsFor(universe_)};
  }
  std::span<const uint64_t> words() const {
    return {words_.get(), WordsFor(universe_)};
  }

  // Compressed, for storage (the portable Roaring format).
  std::string Serialize() const;
  static Result<UserSet> Deserialize(std::string_view bytes);
  // Whether one of the users is in a set that was serialized: hundreds of times
  // as fast as making the set.
  static Result<bool> HasOne(std::string_view bytes,
                             std::span<const UserNumber> users);

 private:
  bool IsShared() const { return words_.use_count() > 1; }
  // Makes the words its own: copies them where they are shared.
  void Own();
  // Enlarges the universe; the new users are absent.
  void Grow(uint32_t universe);
  // Each word becomes op(word, the other's).
  template <class Op>
  void Combine(const UserSet& other, Op&& op);

  Memory words_;
  size_t room_ = 0;  // words; those past the universe's are 0
  uint32_t universe_ = 0;
};

}  // namespace rekindle
