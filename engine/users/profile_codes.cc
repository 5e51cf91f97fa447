#include "engine/users/profile_codes.h"

#include <algorithm>
#include <utility>

namespace rekindle {
namespace {

// Kept one by one a user takes some 16 bytes. Between the two nothing changes,
// so that users who come and go do not move all others each time.
bool AreMany(size_t count, size_t end) { return count * 4 >= end; }
bool AreFew(size_t count, size_t end) { return count * 16 < end; }

}  // namespace

ProfileCodes::Code ProfileCodes::Put(UserNumber user, Code code) {
  if (few_.empty() && user >= many_.size()) {
    if (code == 0) return 0;
    if (AreFew(count_ + 1, size_t{user} + 1)) {
      GatherFew();
    } else {
      many_.resize(size_t{user} + 1, 0);
    }
  }
  if (code != 0) end_ = std::max(end_, user + 1);
  if (!many_.empty()) {
    const Code before = std::exchange(many_[user], code);
    count_ += (code != 0) - (before != 0);
    return before;
  }
  Code& place = few_[user];
  const Code before = std::exchange(place, code);
  if (code == 0) few_.erase(user);
  count_ = few_.size();
  if (AreMany(count_, end_)) SpreadMany();
  return before;
}

void ProfileCodes::PutRun(UserNumber begin, std::span<const Code> run) {
  const auto has_one = [](Code code) { return code != 0; };
  const auto added =
      static_cast<size_t>(std::count_if(run.begin(), run.end(), has_one));
  const size_t end = begin + run.size();
  if (few_.empty() && AreMany(count_ + added, std::max(many_.size(), end))) {
    if (many_.size() < end) many_.resize(end, 0);
    std::copy(run.begin(), run.end(), many_.begin() + begin);
    count_ += added;
    end_ = std::max(end_, static_cast<UserNumber>(end));
    return;
  }
  for (size_t i = 0; i < run.size(); ++i) {
    if (run[i] != 0) Put(begin + static_cast<UserNumber>(i), run[i]);
  }
}

void ProfileCodes::GatherFew() {
  few_.reserve(count_ + 1);
  for (UserNumber user = 0; user < many_.size(); ++user) {
    if (many_[user] != 0) few_.emplace(user, many_[user]);
  }
  std::vector<Code>().swap(many_);
}

void ProfileCodes::SpreadMany() {
  many_.assign(end_, 0);
  for (const auto& [user, code] : few_) many_[user] = code;
  few_ = {};
}

}  // namespace rekindle
