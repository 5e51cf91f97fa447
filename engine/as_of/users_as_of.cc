#include "engine/as_of/users_as_of.h"

#include <algorithm>
#include <utility>

#include "engine/columns/byte_scan.h"
#include "engine/columns/month_bits.h"
#include "engine/sets/block_set.h"
#include "engine/users/user_block.h"

namespace rekindle {

// The directory's blocks, too, are asked for by number of a block of columns.
static_assert(kUsersInBlock == kBlockUsers);

UsersAsOf::UsersAsOf(FactSources sources, Instant as_of)
    : sources_(std::move(sources)),
      masks_(*sources_.settings, *sources_.users, *sources_.columns,
             *sources_.journal, as_of) {}

int32_t UsersAsOf::period() const {
  return PeriodOf(today(), settings().lifecycle.period);
}

// Whoever registered by then is known; whom today brought is asked one by one,
// unless it is over.
int32_t UsersAsOf::LastSureDay() const {
  return ToNumber(today()) - (masks_.SeesToday() ? 0 : 1);
}

const int32_t* UsersAsOf::RegisteredDays(uint32_t block,
                                         BlockDays& scratch) const {
  const auto all = users().RegisteredDays();
  const size_t base = size_t{block} * kBlockUsers;
  const int32_t today = ToNumber(this->today());
  const int32_t sure = LastSureDay();
  if (users().AllRegisteredBy(block) <= sure) return all.data() + base;
  scratch.fill(kNoRegisteredDay);
  const size_t end = std::min(base + kBlockUsers, all.size());
  for (size_t user = base; user < end; ++user) {
    int32_t& day = scratch[user - base];
    if (all[user] > today) continue;
    day = all[user];
    if (day <= sure) continue;
    const auto r = users().RegisteredAt(static_cast<UserNumber>(user));
    if (!r || r->at > as_of()) day = kNoRegisteredDay;
  }
  return scratch.data();
}

void UsersAsOf::AddKnown(uint32_t block,
                         std::array<uint64_t, kBlockWords>& users) const {
  if (this->users().AllRegisteredBy(block) <= LastSureDay()) {
    users.fill(~uint64_t{0});
    return;
  }
  BlockDays scratch;
  BlockSet known;
  Below(RegisteredDays(block, scratch), ToNumber(today()) + 1, known);
  for (uint32_t w = 0; w < kBlockWords; ++w) users[w] |= known[w];
}

void UsersAsOf::AddRegisteredSince(
    LocalDay day, uint32_t block,
    std::array<uint64_t, kBlockWords>& users) const {
  if (today() < day) return;
  if (this->users().AllRegisteredBy(block) < ToNumber(day)) return;
  BlockDays scratch;
  const int32_t* registered = RegisteredDays(block, scratch);
  BlockSet earlier, known;
  Below(registered, ToNumber(day), earlier);
  Below(registered, kNoRegisteredDay, known);
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    users[w] |= known[w] & ~earlier[w];
  }
}

LocalDay UsersAsOf::RegisteredOn(UserNumber user) const {
  const std::optional<Moment> r = users().RegisteredAt(user);
  return r ? std::min(r->day, today()) : today();
}

LocalDay UsersAsOf::LastActiveDay(UserNumber user) const {
  const LocalDay registered = RegisteredOn(user);
  const std::optional<Instant> last = columns().Last(user);
  if (last && *last <= as_of()) {
    return std::max(registered, settings().calendar.DayOf(*last));
  }
  const auto active = LastDayOf(user, BehaviorSet::kActivity);
  return active ? std::max(registered, *active) : registered;
}

std::optional<LocalDay> UsersAsOf::LastDayOf(UserNumber user,
                                             BehaviorIndex behavior) const {
  const auto months = masks_.Months(behavior);
  if (!months) return std::nullopt;
  for (int32_t month = months->second; month >= months->first; --month) {
    const uint32_t days = masks_.DayMask(behavior, user, month);
    if (days != 0) return LastDayIn(month, days);
  }
  return std::nullopt;
}

}  // namespace rekindle
