#include "engine/audience/snapshot.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>

#include "engine/audience/day_scans.h"
#include "engine/audience/fill_blocks.h"
#include "engine/audience/last_activity.h"
#include "engine/audience/lazy.h"
#include "engine/audience/month_bits.h"
#include "engine/audience/named_sets.h"
#include "engine/audience/set_plan.h"
#include "engine/columns/byte_scan.h"
#include "engine/preferences/preferences.h"
#include "engine/settings.h"
#include "engine/users/user_block.h"

namespace rekindle {

struct Snapshot::Impl {
  Impl(const Snapshot& snapshot, FactSources from, Instant as_of,
       std::shared_lock<std::shared_mutex> held)
      : lock(std::move(held)),
        sources(std::move(from)),
        settings(*sources.settings),
        masks(settings, *sources.users, *sources.columns, *sources.journal,
              as_of),
        last_activity(settings, *sources.users, *sources.columns,
                      *sources.journal, as_of),
        facts(snapshot) {}

  uint32_t universe() const { return sources.users->size(); }
  // Who was active, or registered, on that day or later.
  UserSet ActiveSince(LocalDay day) const;
  // The one question's.
  UserSet Answered(const DayScans& scans, const DayScans::Answer& answer) const;
  UserSet Part(State state, std::string_view name) const;
  // Whoever registered by then is known; whom today brought is asked one by
  // one, unless it is over.
  int32_t LastSureDay() const {
    return ToNumber(masks.today()) - (masks.SeesToday() ? 0 : 1);
  }
  const std::vector<UserSet>& Labels() const {
    if (const Findings* all = found) return all->labels;
    return labels.Get([this] { return ComputeLabels(facts); });
  }
  const NamedSets& named() const {
    return *named_sets.Get([&] { return std::make_unique<NamedSets>(facts); });
  }

  std::shared_lock<std::shared_mutex> lock;
  FactSources sources;
  const EngineSettings& settings;
  MasksAsOf masks;
  LastActivityReader last_activity;
  const Snapshot& facts;
  Lazy<Findings> findings;
  std::atomic<const Findings*> found = nullptr;  // once they are all there
  Lazy<StateSets> states;
  Lazy<std::vector<UserSet>> labels;
  Lazy<std::unique_ptr<NamedSets>> named_sets;
};

namespace {

// The users of `candidates` for whom holds(user).
template <class Holds>
UserSet Those(const UserSet& candidates, Holds&& holds) {
  UserSet set(candidates.universe());
  candidates.ForEach([&](UserNumber user) {
    if (holds(user)) set.Add(user);
  });
  return set;
}

// Profiles do not keep it: it became the registration.
bool IsCreatedAt(std::string_view key) {
  return key == "created_at" || key == "createdAt";
}

// Nor this. Where a trait is called so, the id is still what is asked for, as
// in templates.
bool IsUserId(std::string_view key) { return key == "user_id"; }

}  // namespace

Snapshot::Snapshot(FactSources sources, Instant as_of,
                   std::shared_lock<std::shared_mutex> lock)
    : impl_(std::make_unique<Impl>(*this, std::move(sources), as_of,
                                   std::move(lock))) {}

Snapshot::~Snapshot() = default;

const EngineSettings& Snapshot::settings() const { return impl_->settings; }
Instant Snapshot::as_of() const { return impl_->masks.as_of(); }
LocalDay Snapshot::today() const { return impl_->masks.today(); }
bool Snapshot::exact() const { return impl_->masks.exact(); }

const UserDirectory& Snapshot::users() const { return *impl_->sources.users; }
const ActivityColumns& Snapshot::columns() const {
  return *impl_->sources.columns;
}
const Journal& Snapshot::journal() const { return *impl_->sources.journal; }
const MasksAsOf& Snapshot::masks() const { return impl_->masks; }

Workers& Snapshot::workers() const { return *impl_->sources.workers; }

SetMemory& Snapshot::set_memory() const { return *impl_->sources.memory; }

const StateSets& Snapshot::states() const {
  if (const Findings* all = impl_->found) return all->states;
  return impl_->states.Get([this] { return ComputeStates(*this); });
}

int32_t Snapshot::period() const {
  return PeriodOf(today(), settings().lifecycle.period);
}

// The directory's blocks, too, are asked for by number of a block of columns.
static_assert(kUsersInBlock == kBlockUsers);

const int32_t* Snapshot::RegisteredDays(uint32_t block,
                                        BlockDays& scratch) const {
  const auto all = users().RegisteredDays();
  const size_t base = size_t{block} * kBlockUsers;
  const int32_t today = ToNumber(this->today());
  const int32_t sure = impl_->LastSureDay();
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

uint32_t Snapshot::DayMask(BehaviorIndex behavior, UserNumber user,
                           int32_t month) const {
  return impl_->masks.DayMask(behavior, user, month);
}

// --- sets

const UserSet& Snapshot::Known() const { return states().known; }

UserSet Snapshot::InState(State state, std::string_view substate) const {
  if (!substate.empty()) return impl_->Part(state, substate);
  return states().of[static_cast<size_t>(state)];
}

UserSet Snapshot::Impl::Part(State state, std::string_view name) const {
  const Findings* all = found;
  if (all == nullptr) return named().Part(state, name);
  const auto substates = settings.lifecycle.PartsOf(state);
  const std::vector<UserSet>& parts = all->parts[static_cast<size_t>(state)];
  for (size_t i = 0; i < substates.size(); ++i) {
    if (substates[i].name == name) return parts[i];
  }
  return name == kOtherPart && !parts.empty() ? parts.back() : UserSet();
}

UserSet Snapshot::LastActive(std::optional<LocalDay> first,
                             std::optional<LocalDay> last) const {
  UserSet set = Known();
  if (first) set &= impl_->ActiveSince(*first);
  if (last) set -= impl_->ActiveSince(*last + std::chrono::days(1));
  return set;
}

UserSet Snapshot::Impl::ActiveSince(LocalDay day) const {
  UserSet set(universe());
  FillBlocks(*sources.workers, set,
             [&](uint32_t block, std::span<uint64_t> words) {
               BlockSet users{};
               facts.AddRegisteredSince(day, block, users);
               masks.AddPresent(BehaviorSet::kActivity, {day, masks.today()},
                                block, users);
               std::copy_n(users.begin(), words.size(), words.begin());
             });
  return set;
}

void Snapshot::AddKnown(uint32_t block,
                        std::array<uint64_t, kBlockWords>& users) const {
  if (this->users().AllRegisteredBy(block) <= impl_->LastSureDay()) {
    users.fill(~uint64_t{0});
    return;
  }
  BlockDays scratch;
  BlockSet known;
  Below(RegisteredDays(block, scratch), ToNumber(today()) + 1, known);
  for (uint32_t w = 0; w < kBlockWords; ++w) users[w] |= known[w];
}

void Snapshot::AddRegisteredSince(
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

UserSet Snapshot::DaysPresent(BehaviorIndex behavior,
                              std::optional<DayRange> range, int at_least,
                              int at_most) const {
  DayScans scans(masks());
  return impl_->Answered(scans,
                         scans.OnDays(behavior, range, at_least, at_most));
}

UserSet Snapshot::DaysInARow(BehaviorIndex behavior,
                             std::optional<DayRange> range, int days) const {
  DayScans scans(masks());
  return impl_->Answered(scans, scans.InARow(behavior, range, days));
}

UserSet Snapshot::Dropped(const DropQuestion& question) const {
  DayScans scans(masks());
  return impl_->Answered(scans, scans.Dropped(question));
}

UserSet Snapshot::Impl::Answered(const DayScans& scans,
                                 const DayScans::Answer& answer) const {
  if (const bool* all = std::get_if<bool>(&answer)) {
    return *all ? facts.Known() : UserSet();
  }
  UserSet set(universe());
  FillBlocks(*sources.workers, set,
             [&](uint32_t block, std::span<uint64_t> words) {
               thread_local std::vector<BlockSet> answers;
               scans.Block(block, answers);
               std::copy_n(answers[std::get<size_t>(answer)].begin(),
                           words.size(), words.begin());
             });
  return facts.Known() & set;
}

UserSet Snapshot::Labeled(size_t label) const { return impl_->Labels()[label]; }

UserSet Snapshot::TopLabel(size_t label) const {
  return Those(Labeled(label), [&](UserNumber user) {
    return rekindle::TopLabel(*this, user) == label;
  });
}

UserSet Snapshot::WithProfile(const std::string& key,
                              const ValueTest& test) const {
  if (!IsCreatedAt(key) && !IsUserId(key)) {
    return users().WithProfile(key, test) & Known();
  }
  return Those(Known(), [&](UserNumber user) {
    return test.Holds(ProfileOf(user, key));
  });
}

UserSet Snapshot::Tagged(const std::string& tag) const {
  return users().Tagged(tag) & Known();
}

const UserSet& Snapshot::InSegment(size_t segment) const {
  if (const Findings* all = impl_->found) return all->segments[segment];
  return impl_->named().Segment(segment);
}

UserSet Snapshot::Touched(const TouchQuestion& question) const {
  auto lease = impl_->sources.store->Take();
  return UsersTouched(lease.db(), question, as_of()) & Known();
}

// --- one user

State Snapshot::StateOf(UserNumber user) const {
  for (State state : kAllStates) {
    if (states().of[static_cast<size_t>(state)].Contains(user)) return state;
  }
  return State::kUnknown;
}

std::string Snapshot::SubstateOf(UserNumber user) const {
  return impl_->named().PartOf(StateOf(user), user);
}

int Snapshot::InactivePeriods(UserNumber user) const {
  if (StateOf(user) == State::kUnknown) return 0;
  return period() - PeriodOf(LastActiveDay(user), settings().lifecycle.period);
}

LocalDay Snapshot::LastActiveDay(UserNumber user) const {
  const LocalDay registered = RegisteredOn(user);
  const std::optional<Instant> last = columns().Last(user);
  if (last && *last <= as_of()) {
    return std::max(registered, settings().calendar.DayOf(*last));
  }
  const auto active = LastDayOf(user, BehaviorSet::kActivity);
  return active ? std::max(registered, *active) : registered;
}

Instant Snapshot::LastActivity(UserNumber user) const {
  return impl_->last_activity.Of(user, LastActiveDay(user));
}

LocalDay Snapshot::RegisteredOn(UserNumber user) const {
  const std::optional<Moment> r = users().RegisteredAt(user);
  return r ? std::min(r->day, today()) : today();
}

int Snapshot::DaysOf(UserNumber user, BehaviorIndex behavior,
                     std::optional<DayRange> range) const {
  const auto seen = masks().Seen(behavior, range);
  if (!seen) return 0;
  int days = 0;
  for (int32_t month = MonthOf(seen->first); month <= MonthOf(seen->last);
       ++month) {
    days +=
        std::popcount(DayMask(behavior, user, month) & BitsIn(month, *seen));
  }
  return days;
}

std::optional<LocalDay> Snapshot::LastDayOf(UserNumber user,
                                            BehaviorIndex behavior) const {
  const auto months = impl_->masks.Months(behavior);
  if (!months) return std::nullopt;
  for (int32_t month = months->second; month >= months->first; --month) {
    const uint32_t days = DayMask(behavior, user, month);
    if (days != 0) return LastDayIn(month, days);
  }
  return std::nullopt;
}

std::vector<LocalDay> Snapshot::DayListOf(UserNumber user,
                                          BehaviorIndex behavior,
                                          std::optional<DayRange> range) const {
  std::vector<LocalDay> days;
  const auto seen = masks().Seen(behavior, range);
  if (!seen) return days;
  for (int32_t month = MonthOf(seen->first); month <= MonthOf(seen->last);
       ++month) {
    const LocalDay first = FirstDayOf(month, PeriodUnit::kMonth);
    uint32_t bits = DayMask(behavior, user, month) & BitsIn(month, *seen);
    for (; bits != 0; bits &= bits - 1) {
      days.push_back(first + std::chrono::days(std::countr_zero(bits)));
    }
  }
  return days;
}

std::optional<PlannedTouch> Snapshot::LastTouchOf(
    UserNumber user, const TouchQuestion& question) const {
  auto lease = impl_->sources.store->Take();
  return LastTouch(lease.db(), question, as_of(), user);
}

Value Snapshot::ProfileOf(UserNumber user, const std::string& key) const {
  if (IsUserId(key)) return std::string(users().IdOf(user));
  if (!IsCreatedAt(key)) return users().ProfileValue(user, key);
  const std::optional<Moment> r = users().RegisteredAt(user);
  if (!r) return {};
  return r->by_day ? FormatDay(r->day) : settings().calendar.Format(r->at);
}

bool Snapshot::HasTag(UserNumber user, const std::string& tag) const {
  const std::vector<std::string> tags = users().TagsOf(user);
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

std::vector<LabelShare> Snapshot::LabelsOf(UserNumber user) const {
  return SharesOf(*this, user);
}

std::optional<size_t> Snapshot::TopLabelOf(UserNumber user) const {
  return rekindle::TopLabel(*this, user);
}

const Findings& Snapshot::FindAll() const {
  const Findings& all =
      impl_->findings.Get([this] { return rekindle::FindAll(*this); });
  impl_->found = &all;
  return all;
}

}  // namespace rekindle
