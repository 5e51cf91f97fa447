#include "engine/audience/snapshot.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/audience/last_activity.h"
#include "engine/audience/lazy.h"
#include "engine/audience/month_bits.h"
#include "engine/audience/named_sets.h"
#include "engine/audience/raw_events.h"
#include "engine/settings.h"

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
  const NamedSets& named() const {
    return *named_sets.Get([&] { return std::make_unique<NamedSets>(facts); });
  }

  std::shared_lock<std::shared_mutex> lock;
  FactSources sources;
  const EngineSettings& settings;
  MasksAsOf masks;
  LastActivityReader last_activity;
  const Snapshot& facts;
  Lazy<LifecycleTable> lifecycle;
  Lazy<PreferenceTable> preferences;
  Lazy<UserSet> known;
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

using BlockCounts = std::array<uint32_t, kBlockUsers>;

// Days of the behavior in the range, for each user of the block.
void CountDays(const MasksAsOf& masks, BehaviorIndex behavior,
               const DayRange& range, uint32_t block, BlockCounts& counts) {
  counts.fill(0);
  MaskBlock scratch;
  for (int32_t month = MonthOf(range.first); month <= MonthOf(range.last);
       ++month) {
    const uint32_t* days = masks.Block(behavior, month, block, scratch);
    if (days == nullptr) continue;
    const uint32_t bits = BitsIn(month, range);
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      counts[i] += std::popcount(days[i] & bits);
    }
  }
}

// The part of the range in which anything can be seen; nothing where there is
// none.
std::optional<DayRange> Seen(const MasksAsOf& masks, BehaviorIndex behavior,
                             const std::optional<DayRange>& range) {
  const auto months = masks.Months(behavior);
  if (!months) return std::nullopt;
  DayRange seen{FirstDayOf(months->first, PeriodUnit::kMonth), masks.today()};
  if (range) {
    seen.first = std::max(seen.first, range->first);
    seen.last = std::min(seen.last, range->last);
  }
  if (seen.last < seen.first) return std::nullopt;
  return seen;
}

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

const LifecycleTable& Snapshot::lifecycle() const {
  return impl_->lifecycle.Get([this] { return ComputeLifecycle(*this); });
}

const PreferenceTable& Snapshot::preferences() const {
  return impl_->preferences.Get([this] { return ComputePreferences(*this); });
}

uint32_t Snapshot::DayMask(BehaviorIndex behavior, UserNumber user,
                           int32_t month) const {
  return impl_->masks.DayMask(behavior, user, month);
}

// --- sets

const UserSet& Snapshot::Known() const {
  return impl_->known.Get([this] {
    const std::vector<State>& state = lifecycle().state;
    return Those(UserSet::All(impl_->universe()), [&](UserNumber user) {
      return state[user] != State::kUnknown;
    });
  });
}

UserSet Snapshot::InState(State state, std::string_view substate) const {
  if (!substate.empty()) return impl_->named().Part(state, substate);
  const std::vector<State>& states = lifecycle().state;
  return Those(Known(), [&](UserNumber user) { return states[user] == state; });
}

UserSet Snapshot::LastActive(std::optional<LocalDay> first,
                             std::optional<LocalDay> last) const {
  const std::vector<int32_t>& days = lifecycle().last_active;
  return Those(Known(), [&](UserNumber user) {
    const LocalDay day = DayFromNumber(days[user]);
    return (!first || day >= *first) && (!last || day <= *last);
  });
}

UserSet Snapshot::DaysPresent(BehaviorIndex behavior,
                              std::optional<DayRange> range, int at_least,
                              int at_most) const {
  const auto seen = Seen(impl_->masks, behavior, range);
  if (!seen) return at_least <= 0 && at_most >= 0 ? Known() : UserSet();
  UserSet set(impl_->universe());
  BlockCounts counts;
  for (uint32_t block = 0; block * kBlockUsers < set.universe(); ++block) {
    CountDays(impl_->masks, behavior, *seen, block, counts);
    const UserNumber base = block * kBlockUsers;
    const uint32_t users = std::min(kBlockUsers, set.universe() - base);
    for (uint32_t i = 0; i < users; ++i) {
      const auto days = static_cast<int>(counts[i]);
      if (days >= at_least && days <= at_most) set.Add(base + i);
    }
  }
  return set & Known();
}

UserSet Snapshot::Labeled(size_t label) const {
  return preferences().labeled[label];
}

UserSet Snapshot::TopLabel(size_t label) const {
  const std::vector<uint16_t>& top = preferences().top;
  return Those(Known(),
               [&](UserNumber user) { return top[user] == label + 1; });
}

UserSet Snapshot::WithProfile(const std::string& key,
                              const ValueTest& test) const {
  return users().WithProfile(key, test) & Known();
}

UserSet Snapshot::Tagged(const std::string& tag) const {
  return users().Tagged(tag) & Known();
}

const UserSet& Snapshot::InSegment(size_t segment) const {
  return impl_->named().Segment(segment);
}

UserSet Snapshot::EventsPresent(const UserSet& candidates,
                                BehaviorIndex behavior,
                                std::optional<Instant> from, int at_least,
                                int at_most) const {
  const UserSet asked = candidates & Known();
  if (asked.Empty()) return asked;
  std::vector<int> counts(impl_->universe(), 0);
  const auto count = [&](const StoredEvent& event, Instant) {
    const UserNumber user = users().Resolve(event.user);
    if (!asked.Contains(user)) return;
    counts[user] +=
        settings().behaviors.Matches(behavior, event.name, event.properties);
  };
  ReadEvents(journal(), settings().calendar, from.value_or(Instant::min()),
             as_of(), count);
  return Those(asked, [&](UserNumber user) {
    return counts[user] >= at_least && counts[user] <= at_most;
  });
}

// --- one user

State Snapshot::StateOf(UserNumber user) const {
  return lifecycle().state[user];
}

std::string Snapshot::SubstateOf(UserNumber user) const {
  return impl_->named().PartOf(StateOf(user), user);
}

int Snapshot::InactivePeriods(UserNumber user) const {
  if (StateOf(user) == State::kUnknown) return 0;
  return lifecycle().period -
         PeriodOf(LastActiveDay(user), settings().lifecycle.period);
}

LocalDay Snapshot::LastActiveDay(UserNumber user) const {
  return DayFromNumber(lifecycle().last_active[user]);
}

Instant Snapshot::LastActivity(UserNumber user) const {
  return impl_->last_activity.Of(user, LastActiveDay(user));
}

LocalDay Snapshot::RegisteredOn(UserNumber user) const {
  return DayFromNumber(lifecycle().registered[user]);
}

int Snapshot::DaysOf(UserNumber user, BehaviorIndex behavior,
                     std::optional<DayRange> range) const {
  const auto seen = Seen(impl_->masks, behavior, range);
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

int Snapshot::EventsOf(UserNumber user, BehaviorIndex behavior,
                       std::optional<Instant> from) const {
  int events = 0;
  const auto count = [&](const StoredEvent& event, Instant) {
    if (users().Resolve(event.user) != user) return;
    events +=
        settings().behaviors.Matches(behavior, event.name, event.properties);
  };
  ReadEvents(journal(), settings().calendar, from.value_or(Instant::min()),
             as_of(), count);
  return events;
}

Value Snapshot::ProfileOf(UserNumber user, const std::string& key) const {
  return users().ProfileValue(user, key);
}

bool Snapshot::HasTag(UserNumber user, const std::string& tag) const {
  const std::vector<std::string> tags = users().TagsOf(user);
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

std::vector<LabelShare> Snapshot::LabelsOf(UserNumber user) const {
  const PreferenceTable& table = preferences();
  std::vector<LabelShare> shares;
  for (size_t label = 0; label < table.days.size(); ++label) {
    const int days = table.days[label][user];
    if (days == 0) continue;
    shares.push_back({label, days, table.active_days[user],
                      table.labeled[label].Contains(user)});
  }
  return shares;
}

std::optional<size_t> Snapshot::TopLabelOf(UserNumber user) const {
  const uint16_t top = preferences().top[user];
  if (top == 0) return std::nullopt;
  return top - 1;
}

}  // namespace rekindle
