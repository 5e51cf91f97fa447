// Which value of a profile key each user has, as a number: 4 bytes for every
// user where many have one. Where few do, they are kept one by one: clients
// choose the keys, and one of a single user must not take room for everybody.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/event.h"

namespace rekindle {

// Not thread-safe while written.
class ProfileCodes {
 public:
  using Code = uint32_t;  // 0: missing

  Code Of(UserNumber user) const {
    if (few_.empty()) return user < many_.size() ? many_[user] : 0;
    const auto found = few_.find(user);
    return found == few_.end() ? 0 : found->second;
  }
  // Returns the user's code before.
  Code Put(UserNumber user, Code code);
  // The same for users begin, begin + 1, ..., none of whom has one.
  void PutRun(UserNumber begin, std::span<const Code> run);

  // Calls f(user, code) for each user who has one, in no order.
  template <class F>
  void ForEach(F&& f) const {
    for (UserNumber user = 0; user < many_.size(); ++user) {
      if (many_[user] != 0) f(user, many_[user]);
    }
    for (const auto& [user, code] : few_) f(user, code);
  }

 private:
  void GatherFew();
  void SpreadMany();

  // By number, or one by one: at least one of the two is empty.
  std::vector<Code> many_;
  boost::unordered_flat_map<UserNumber, Code> few_;
  size_t count_ = 0;    // who has one
  UserNumber end_ = 0;  // nobody has had one from here on
};

}  // namespace rekindle
