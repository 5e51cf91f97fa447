#include "engine/users/user_directory.h"

#include <algorithm>
#include <array>

#include "engine/users/user_directory_impl.h"

namespace rekindle {

UserDirectory::~UserDirectory() = default;

Stamp UserDirectory::Impl::CreatedOf(UserNumber user) const {
  const Block& block = BlockOf(user);
  return block.created ? (*block.created)[user % kUsersInBlock] : Stamp();
}

Stamp UserDirectory::Impl::Registered(UserNumber user) const {
  if (anonymous.Contains(user) || IsGone(user)) return {};
  return Earlier(FirstOf(user), CreatedOf(user));
}

UserRecord UserDirectory::Impl::RecordOf(UserNumber user) const {
  UserRecord record;
  if (erased.Contains(user)) {
    record.kind = UserKind::kErased;
    return record;
  }
  record.id = ids[user];
  if (anonymous.Contains(user)) record.kind = UserKind::kAnonymous;
  if (merged.Contains(user)) record.into = into.at(user);
  record.first = FirstOf(user);
  record.created = CreatedOf(user);
  const auto key = experiment_keys.find(user);
  if (key != experiment_keys.end()) record.experiment_key = key->second;
  return record;
}

uint32_t UserDirectory::size() const { return impl_->size(); }

UserNumber UserDirectory::Find(std::string_view user_id) const {
  const UserNumber found = impl_->by_id.Find(user_id);
  return found == kNoUser ? kNoUser : Resolve(found);
}

void UserDirectory::FindMany(std::span<const std::string_view> user_ids,
                             std::span<UserNumber> found) const {
  // So many at a time that all they touch stays near until it is read.
  constexpr size_t kAtOnce = 64;
  constexpr size_t kAhead = 8;  // so long a text takes to arrive from memory
  std::array<uint32_t, kAtOnce> hashes;
  std::array<UserNumber, kAtOnce> likely;
  const IdIndex& index = impl_->by_id;
  for (size_t begin = 0; begin < user_ids.size(); begin += kAtOnce) {
    const auto ids =
        user_ids.subspan(begin, std::min(kAtOnce, user_ids.size() - begin));
    for (size_t i = 0; i < ids.size(); ++i) {
      if (begin + i + kAhead < user_ids.size()) {
        __builtin_prefetch(user_ids[begin + i + kAhead].data());
      }
      hashes[i] = index.HashOf(ids[i]);
      index.Prefetch(hashes[i]);
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      likely[i] = index.Candidate(hashes[i]);
      if (likely[i] != kNoUser) impl_->ids.PrefetchPlace(likely[i]);
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      if (likely[i] != kNoUser) impl_->ids.PrefetchText(likely[i]);
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      const UserNumber user = index.Find(hashes[i], ids[i]);
      found[begin + i] = user == kNoUser ? kNoUser : Resolve(user);
    }
  }
}

UserNumber UserDirectory::FindAnonymous(std::string_view anonymous_id) const {
  const auto link = impl_->links.find(anonymous_id);
  if (link != impl_->links.end()) return Resolve(link->second);
  const UserNumber found = impl_->by_anonymous_id.Find(anonymous_id);
  return found == kNoUser ? kNoUser : Resolve(found);
}

bool UserDirectory::IsLinked(std::string_view anonymous_id) const {
  return impl_->links.contains(anonymous_id);
}

const UserSet& UserDirectory::Merged() const { return impl_->merged; }

void UserDirectory::PrefetchFirstEvent(UserNumber user) const {
  if (user < size()) __builtin_prefetch(&impl_->FirstOf(user));
}

int64_t UserDirectory::FirstEventAt(UserNumber user) const {
  return impl_->FirstOf(user).at();
}

UserNumber UserDirectory::Resolve(UserNumber user) const {
  return impl_->Resolve(user);
}

std::string_view UserDirectory::IdOf(UserNumber user) const {
  return impl_->erased.Contains(user) ? std::string_view() : impl_->ids[user];
}

bool UserDirectory::IsAnonymous(UserNumber user) const {
  return impl_->anonymous.Contains(user);
}

UserNumber UserDirectory::Impl::FindIn(const NumberMap& map, UserNumber user) {
  const auto found = map.find(user);
  return found == map.end() ? kNoUser : found->second;
}

std::vector<UserNumber> UserDirectory::NumbersOf(UserNumber user) const {
  std::vector<UserNumber> numbers = {Resolve(user)};
  for (size_t i = 0; i < numbers.size(); ++i) {
    const size_t end = numbers.size();
    auto from = Impl::FindIn(impl_->last_merged, numbers[i]);
    for (; from != kNoUser; from = Impl::FindIn(impl_->merged_before, from)) {
      numbers.push_back(from);
    }
    std::reverse(numbers.begin() + end, numbers.end());
  }
  return numbers;
}

std::vector<std::string> UserDirectory::AnonymousIdsOf(
    std::span<const UserNumber> numbers) const {
  std::vector<std::string> ids;
  for (UserNumber user : numbers) {
    if (IsAnonymous(user)) ids.emplace_back(IdOf(user));
  }
  for (const auto& [id, user] : impl_->links) {
    if (std::find(numbers.begin(), numbers.end(), user) != numbers.end()) {
      ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::optional<Moment> UserDirectory::RegisteredAt(UserNumber user) const {
  const Stamp r = impl_->Registered(user);
  if (!r.known()) return std::nullopt;
  return r.moment();
}

std::span<const int32_t> UserDirectory::RegisteredDays() const {
  return impl_->registered_days;
}

int32_t UserDirectory::AllRegisteredBy(uint32_t block) const {
  const Impl::Registrations& known = impl_->registrations[block];
  return known.users == kUsersInBlock ? known.latest_day : kNoRegisteredDay;
}

std::string_view UserDirectory::ExperimentKey(UserNumber user) const {
  const auto found = impl_->experiment_keys.find(user);
  return found == impl_->experiment_keys.end() ? IdOf(user) : found->second;
}

std::string UserDirectory::ProfileOf(UserNumber user) const {
  return impl_->profiles.ObjectOf(user);
}

Value UserDirectory::ProfileValue(UserNumber user, std::string_view key) const {
  return impl_->profiles.ValueOf(user, key);
}

std::string_view UserDirectory::ProfileText(UserNumber user,
                                            std::string_view key) const {
  return impl_->profiles.TextOf(user, key);
}

const Calendar& UserDirectory::ZoneOf(UserNumber user,
                                      const Calendar& otherwise) const {
  const Calendar* zone = impl_->profiles.ZoneOf(user);
  return zone == nullptr ? otherwise : *zone;
}

UserSet UserDirectory::WithProfile(const std::string& key,
                                   const ValueTest& test) const {
  UserSet set = impl_->profiles.Select(key, test, size());
  set -= impl_->merged;
  set -= impl_->erased;
  return set;
}

std::vector<std::string> UserDirectory::ProfileKeys() const {
  return impl_->profiles.Keys();
}

std::vector<std::string> UserDirectory::TagsOf(UserNumber user) const {
  std::vector<std::string> tags;
  for (const auto& [tag, users] : impl_->tags) {
    if (users.Contains(user)) tags.push_back(tag);
  }
  return tags;
}

UserSet UserDirectory::Tagged(const std::string& tag) const {
  const auto found = impl_->tags.find(tag);
  return found == impl_->tags.end() ? UserSet(size()) : found->second;
}

}  // namespace rekindle
