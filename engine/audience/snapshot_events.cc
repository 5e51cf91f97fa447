// Snapshot: what it reads from raw events.
#include "engine/as_of/raw_events.h"
#include "engine/audience/snapshot.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

class TallyReader {
 public:
  TallyReader(const Snapshot& facts, const EventQuestion& question,
              const UserSet& asked)
      : facts_(facts), question_(question), asked_(asked) {
    const Calendar& calendar = facts.settings().calendar;
    if (question.from) from_ = *question.from;
    if (question.days) from_ = calendar.StartOf(question.days->first);
    read_from_ = from_;
    // The whole first day, as of the last `since` the columns know the day.
    if (question.since && question.from) {
      read_from_ = calendar.StartOf(calendar.DayOf(from_));
    }
  }

  EventTallies Read() {
    ReadEvents(facts_.journal(), facts_.settings().calendar, read_from_,
               facts_.as_of(), [this](const StoredEvent& event, Instant at) {
                 Take(event, at);
               });
    const bool fill = Gaps();
    if (fill) asked_.ForEach([this](UserNumber user) { MakerOf(user); });
    EventTallies tallies;
    for (auto& [user, maker] : makers_) {
      auto found = maker.Finish(
          fill ? facts_.DayListOf(user, question_.behavior, question_.days)
               : std::vector<LocalDay>(),
          question_.since ? facts_.LastDayOf(user, *question_.since)
                          : std::nullopt);
      if (!found.empty()) tallies.emplace(user, std::move(found));
    }
    return tallies;
  }

 private:
  // Whether days of the columns may lack their raw events.
  bool Gaps() const {
    const auto gone = facts_.EventsGoneUntil();
    return gone && *gone >= from_ && !question_.from &&
           !question_.AsksProperties();
  }

  TallyMaker& MakerOf(UserNumber user) {
    return makers_.try_emplace(user, question_).first->second;
  }

  void Take(const StoredEvent& event, Instant at) {
    const UserNumber user = facts_.users().Resolve(event.user);
    if (!asked_.Contains(user)) return;
    const BehaviorSet& behaviors = facts_.settings().behaviors;
    const auto is = [&](BehaviorIndex behavior) {
      return behaviors.Matches(behavior, event.name, event.properties);
    };
    const bool wanted = at >= from_ && is(question_.behavior);
    const bool since = question_.since && is(*question_.since);
    if (!wanted && !since) return;
    const LocalDay day = event.day == kExactTime
                             ? facts_.settings().calendar.DayOf(at)
                             : DayFromNumber(event.day);
    TallyMaker& maker = MakerOf(user);
    if (since) maker.AddSince(at, day);
    if (wanted) maker.Add(at, day, event.properties);
  }

  const Snapshot& facts_;
  const EventQuestion& question_;
  const UserSet& asked_;
  Instant from_ = Instant::min();
  Instant read_from_;
  std::unordered_map<UserNumber, TallyMaker> makers_;
};

}  // namespace

std::optional<Instant> Snapshot::EventsGoneUntil() const {
  return journal().stats().pruned_until;
}

EventTallies Snapshot::TallyEvents(const UserSet& candidates,
                                   const EventQuestion& question) const {
  const UserSet asked = candidates & Known();
  if (asked.Empty()) return {};
  return TallyReader(*this, question, asked).Read();
}

}  // namespace rekindle
