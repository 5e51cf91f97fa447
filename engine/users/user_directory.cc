#include "engine/users/user_directory.h"

#include <algorithm>

#include "engine/users/user_directory_impl.h"

namespace rekindle {

UserDirectory::~UserDirectory() = default;

uint32_t UserDirectory::size() const {
  return static_cast<uint32_t>(impl_->records.size());
}

UserNumber UserDirectory::Find(std::string_view user_id) const {
  const auto found = impl_->by_id.find(user_id);
  return found == impl_->by_id.end() ? kNoUser : Resolve(found->second);
}

UserNumber UserDirectory::FindAnonymous(std::string_view anonymous_id) const {
  const auto link = impl_->links.find(anonymous_id);
  if (link != impl_->links.end()) return Resolve(link->second);
  const auto found = impl_->by_anonymous_id.find(anonymous_id);
  if (found == impl_->by_anonymous_id.end()) return kNoUser;
  return Resolve(found->second);
}

UserNumber UserDirectory::Resolve(UserNumber user) const {
  while (impl_->records[user].into != kNoUser) {
    user = impl_->records[user].into;
  }
  return user;
}

const std::string& UserDirectory::IdOf(UserNumber user) const {
  return impl_->ids[user];
}

bool UserDirectory::IsAnonymous(UserNumber user) const {
  return impl_->records[user].kind == Impl::Kind::kAnonymous;
}

std::vector<UserNumber> UserDirectory::NumbersOf(UserNumber user) const {
  std::vector<UserNumber> numbers = {Resolve(user)};
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto found = impl_->merged_into.find(numbers[i]);
    if (found == impl_->merged_into.end()) continue;
    numbers.insert(numbers.end(), found->second.begin(), found->second.end());
  }
  return numbers;
}

std::vector<std::string> UserDirectory::AnonymousIdsOf(
    std::span<const UserNumber> numbers) const {
  std::vector<std::string> ids;
  for (UserNumber user : numbers) {
    if (IsAnonymous(user)) ids.push_back(IdOf(user));
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
  const Impl::Record& record = impl_->records[user];
  if (record.kind != Impl::Kind::kIdentified || record.into != kNoUser) {
    return std::nullopt;
  }
  const Stamp& earlier =
      record.created.at < record.first.at ? record.created : record.first;
  if (!earlier.known()) return std::nullopt;
  return earlier.moment();
}

const std::string& UserDirectory::ExperimentKey(UserNumber user) const {
  const auto found = impl_->experiment_keys.find(user);
  return found == impl_->experiment_keys.end() ? IdOf(user) : found->second;
}

std::string UserDirectory::ProfileOf(UserNumber user) const {
  return impl_->profiles.ObjectOf(user);
}

Value UserDirectory::ProfileValue(UserNumber user, std::string_view key) const {
  return impl_->profiles.ValueOf(user, key);
}

const Calendar& UserDirectory::ZoneOf(UserNumber user,
                                      const Calendar& otherwise) const {
  const Calendar* zone = impl_->profiles.ZoneOf(user);
  return zone == nullptr ? otherwise : *zone;
}

UserSet UserDirectory::WithProfile(const std::string& key,
                                   const ValueTest& test) const {
  UserSet set = impl_->profiles.Select(key, test, size());
  for (UserNumber user = 0; user < size(); ++user) {
    const Impl::Record& record = impl_->records[user];
    if (record.into != kNoUser || record.kind == Impl::Kind::kErased) {
      set.Remove(user);
    }
  }
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
