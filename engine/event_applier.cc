#include "engine/event_applier.h"

#include <stdexcept>
#include <utility>

#include "engine/journal/stored_moment.h"

namespace rekindle {
namespace {

// The places of the events, in order of their users' blocks and, of one block,
// of arrival.
std::vector<uint32_t> ByBlock(std::span<const JournalEvent> events,
                              UserNumber users) {
  const auto block_of = [](const JournalEvent& event) {
    return event.user / kBlockUsers;
  };
  std::vector<uint32_t> begins(BlocksOf(users));
  uint32_t count = 0;
  for (const JournalEvent& event : events) {
    if (event.name.empty()) continue;
    if (event.user >= users) {
      throw std::runtime_error("an event is of a user who is not there");
    }
    ++begins[block_of(event)];
    ++count;
  }
  uint32_t begin = 0;
  for (uint32_t& block : begins) begin += std::exchange(block, begin);
  std::vector<uint32_t> places(count);
  for (uint32_t i = 0; i < events.size(); ++i) {
    if (!events[i].name.empty()) places[begins[block_of(events[i])]++] = i;
  }
  return places;
}

}  // namespace

void EventApplier::Apply(UserNumber stored, std::string_view name,
                         const Moment& when, std::string_view properties) {
  const UserNumber user = UserOf(users_, stored);
  const bool hopes = ledger_.UsersWithGoals().Contains(user);
  for (const auto& [behavior, filtered] : CandidatesOf(name)) {
    if (filtered && !settings_.behaviors.Filtered(behavior, properties)) {
      continue;
    }
    columns_.Mark(behavior, user, when);
    if (hopes) {
      goals_.push_back({user, settings_.behaviors.at(behavior).name, when.at});
    }
  }
  users_.NoteEvent(user, when);
}

// Block by block, so that what is touched at random stays in the nearest cache.
void EventApplier::Apply(std::span<const JournalEvent> events) {
  constexpr size_t kAhead = 8;  // so long an event takes to arrive from memory
  const std::vector<uint32_t> places = ByBlock(events, users_.size());
  for (size_t i = 0; i < places.size(); ++i) {
    if (i + kAhead < places.size()) {
      const JournalEvent* const next = &events[places[i + kAhead]];
      __builtin_prefetch(next);
      __builtin_prefetch(next + 1);  // it stands on two lines, mostly
    }
    const JournalEvent& event = events[places[i]];
    Apply(event.user, event.name, event.when, event.properties);
  }
}

void EventNoter::Note(const BatchView& batch) {
  constexpr size_t kAhead = 16;  // so long a first event takes to arrive
  const UserSet& hoping = ledger_.UsersWithGoals();
  for (size_t i = 0; i < batch.users.size(); ++i) {
    if (i + kAhead < batch.users.size()) {
      users_.PrefetchFirstEvent(batch.users[i + kAhead]);
    }
    if (batch.names[i] == 0) continue;
    const UserNumber user = UserOf(users_, batch.users[i]);
    const int32_t day = batch.days.empty() ? kExactTime : batch.days[i];
    const bool hopes = hoping.Contains(user);
    // Hardly any is one's first: the calendar need not be asked.
    const bool later =
        day == kExactTime && batch.at[i] >= users_.FirstEventAt(user);
    if (later && !hopes) continue;
    const Moment when = MomentOf(batch.at[i], day, settings_.calendar);
    users_.NoteEvent(user, when);
    if (!hopes) continue;
    settings_.behaviors.Match(
        batch.name_texts[batch.names[i]], batch.properties(i),
        [&](BehaviorIndex b) {
          goals_.push_back({user, settings_.behaviors.at(b).name, when.at});
        });
  }
}

const EventApplier::Candidates& EventApplier::CandidatesOf(
    std::string_view name) {
  return *candidates_by_place_.Get(name, [this](std::string_view text) {
    auto found = candidates_.find(text);
    if (found == candidates_.end()) {
      found = candidates_.emplace(text, settings_.behaviors.CandidatesOf(text))
                  .first;
    }
    return &found->second;
  });
}

UserNumber UserOf(const UserDirectory& users, UserNumber stored) {
  if (stored >= users.size()) {
    throw std::runtime_error("journal.db names user number " +
                             std::to_string(stored) + ", store.db has " +
                             std::to_string(users.size()) +
                             " users: the two files do not belong together");
  }
  return users.Resolve(stored);
}

}  // namespace rekindle
