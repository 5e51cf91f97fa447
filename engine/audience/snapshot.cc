#include "engine/audience/snapshot.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>

#include "engine/as_of/last_activity.h"
#include "engine/audience/day_scans.h"
#include "engine/audience/named_sets.h"
#include "engine/columns/month_bits.h"
#include "engine/model/settings.h"
#include "engine/preferences/preferences.h"
#include "engine/sets/fill_blocks.h"
#include "engine/sets/lazy.h"
#include "engine/sets/set_plan.h"
#include "engine/store/reader_pool.h"

namespace rekindle {

struct Snapshot::Impl {
  Impl(const Snapshot& snapshot, FactSources from, Instant as_of,
       std::shared_lock<std::shared_mutex> held)
      : lock(std::move(held)),
        store(*from.store),
        users(std::move(from), as_of),
        settings(users.settings()),
        masks(users.masks()),
        last_activity(settings, users.users(), users.columns(), users.journal(),
                      as_of),
        facts(snapshot) {}

  uint32_t universe() const { return users.users().size(); }
  // Who was active, or registered, on that day or later.
  UserSet ActiveSince(LocalDay day) const;
  // The one question's.
  UserSet Answered(const DayScans& scans, const DayScans::Answer& answer) const;
  UserSet InSubstate(State state, std::string_view name) const;
  const std::vector<UserSet>& Labels() const {
    if (const AudienceSets* all = computed) return all->labels;
    return labels.Get([this] { return ComputeLabels(users, facts.Known()); });
  }
  const NamedSets& named() const {
    return *named_sets.Get([&] { return std::make_unique<NamedSets>(facts); });
  }

  std::shared_lock<std::shared_mutex> lock;
  ReaderPool& store;
  const UsersAsOf users;
  const EngineSettings& settings;
  const MasksAsOf& masks;
  LastActivityReader last_activity;
  const Snapshot& facts;
  Lazy<AudienceSets> audience_sets;
  // Those, once they are all there.
  std::atomic<const AudienceSets*> computed = nullptr;
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

const UserDirectory& Snapshot::users() const { return impl_->users.users(); }
const ActivityColumns& Snapshot::columns() const {
  return impl_->users.columns();
}
const Journal& Snapshot::journal() const { return impl_->users.journal(); }
const MasksAsOf& Snapshot::masks() const { return impl_->masks; }

Workers& Snapshot::workers() const { return impl_->users.workers(); }

const UsersAsOf& Snapshot::users_as_of() const { return impl_->users; }

const StateSets& Snapshot::states() const {
  if (const AudienceSets* all = impl_->computed) return all->states;
  return impl_->states.Get([this] { return ComputeStates(impl_->users); });
}

int32_t Snapshot::period() const { return impl_->users.period(); }

// --- sets

const UserSet& Snapshot::Known() const { return states().known; }

UserSet Snapshot::InState(State state, std::string_view substate) const {
  if (!substate.empty()) return impl_->InSubstate(state, substate);
  return states().of[static_cast<size_t>(state)];
}

UserSet Snapshot::Impl::InSubstate(State state, std::string_view name) const {
  const AudienceSets* all = computed;
  if (all == nullptr) return named().InSubstate(state, name);
  const auto substates = settings.lifecycle.SubstatesOf(state);
  const std::vector<UserSet>& sets = all->substates[static_cast<size_t>(state)];
  for (size_t i = 0; i < substates.size(); ++i) {
    if (substates[i].name == name) return sets[i];
  }
  return name == kOtherSubstate && !sets.empty() ? sets.back() : UserSet();
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
  FillBlocks(users.workers(), set,
             [&](uint32_t block, std::span<uint64_t> words) {
               BlockSet since{};
               users.AddRegisteredSince(day, block, since);
               masks.AddPresent(BehaviorSet::kActivity, {day, masks.today()},
                                block, since);
               std::copy_n(since.begin(), words.size(), words.begin());
             });
  return set;
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
  FillBlocks(users.workers(), set,
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
    return rekindle::TopLabel(impl_->users, user) == label;
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
  if (const AudienceSets* all = impl_->computed) return all->segments[segment];
  return impl_->named().Segment(segment);
}

UserSet Snapshot::Touched(const TouchQuestion& question) const {
  auto lease = impl_->store.Take();
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
  return impl_->named().SubstateOf(StateOf(user), user);
}

int Snapshot::InactivePeriods(UserNumber user) const {
  if (StateOf(user) == State::kUnknown) return 0;
  return period() - PeriodOf(LastActiveDay(user), settings().lifecycle.period);
}

LocalDay Snapshot::LastActiveDay(UserNumber user) const {
  return impl_->users.LastActiveDay(user);
}

Instant Snapshot::LastActivity(UserNumber user) const {
  return impl_->last_activity.Of(user, LastActiveDay(user));
}

LocalDay Snapshot::RegisteredOn(UserNumber user) const {
  return impl_->users.RegisteredOn(user);
}

int Snapshot::DaysOf(UserNumber user, BehaviorIndex behavior,
                     std::optional<DayRange> range) const {
  const auto seen = masks().Seen(behavior, range);
  if (!seen) return 0;
  int days = 0;
  for (int32_t month = MonthOf(seen->first); month <= MonthOf(seen->last);
       ++month) {
    days += std::popcount(masks().DayMask(behavior, user, month) &
                          BitsIn(month, *seen));
  }
  return days;
}

std::optional<LocalDay> Snapshot::LastDayOf(UserNumber user,
                                            BehaviorIndex behavior) const {
  return impl_->users.LastDayOf(user, behavior);
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
    uint32_t bits =
        masks().DayMask(behavior, user, month) & BitsIn(month, *seen);
    for (; bits != 0; bits &= bits - 1) {
      days.push_back(first + std::chrono::days(std::countr_zero(bits)));
    }
  }
  return days;
}

std::optional<PlannedTouch> Snapshot::LastTouchOf(
    UserNumber user, const TouchQuestion& question) const {
  auto lease = impl_->store.Take();
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
  return SharesOf(impl_->users, user);
}

std::optional<size_t> Snapshot::TopLabelOf(UserNumber user) const {
  return rekindle::TopLabel(impl_->users, user);
}

const AudienceSets& Snapshot::ComputeAll() const {
  const AudienceSets& all =
      impl_->audience_sets.Get([this] { return ComputeAudienceSets(*this); });
  impl_->computed = &all;
  return all;
}

}  // namespace rekindle
