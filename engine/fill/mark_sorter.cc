#include "engine/fill/mark_sorter.h"

#include <algorithm>

#include "engine/journal/stored_moment.h"

namespace rekindle {

MarkSorter::MarkSorter(const EngineSettings& settings,
                       const std::vector<BehaviorIndex>& wanted)
    : settings_(settings), wanted_(wanted) {}

inline void MarkSorter::MarkAt(UserNumber user, int32_t set, int64_t at) {
  if (!Mark::Fits(at) || static_cast<uint32_t>(set) >= Mark::kSets) {
    return MarkOdd(user, set, MomentOf(at, kExactTime, settings_.calendar));
  }
  marks_.Put(user / kBlockUsers,
             Mark(at, static_cast<uint32_t>(set), user % kBlockUsers));
}

void MarkSorter::Sort(const BatchView& batch) {
  LearnNames(batch.name_texts);
  const auto users = batch.users;
  const auto days = batch.days;
  UserNumber end = users_;
  for (size_t i = 0; i < users.size(); ++i) {
    int32_t set = set_by_name_[batch.names[i]];
    if (set == kFiltered) set = FilteredSet(batch, i);
    if (set == kNothing) continue;
    end = std::max(end, users[i] + 1);
    if (days.empty() || days[i] == kExactTime) {
      MarkAt(users[i], set, batch.at[i]);
    } else {
      MarkByDay(users[i], set, days[i]);
    }
  }
  users_ = end;
  marks_.Publish();
}

void MarkSorter::LearnNames(std::span<const std::string_view> texts) {
  for (size_t name = by_name_.size(); name < texts.size(); ++name) {
    Candidates& candidates = by_name_.emplace_back();
    // The name 0 is that of records that are no events.
    if (name > 0) candidates = settings_.behaviors.CandidatesOf(texts[name]);
    std::erase_if(candidates, [&](const auto& candidate) {
      return std::find(wanted_.begin(), wanted_.end(), candidate.behavior) ==
             wanted_.end();
    });
    const bool filtered =
        std::any_of(candidates.begin(), candidates.end(),
                    [](const auto& candidate) { return candidate.filtered; });
    set_by_name_.push_back(
        filtered
            ? kFiltered
            : NumberOf(PlacesOf(candidates, [](const auto&) { return true; })));
  }
}

int32_t MarkSorter::FilteredSet(const BatchView& batch, size_t i) {
  return NumberOf(
      PlacesOf(by_name_[batch.names[i]], [&](const auto& candidate) {
        return !candidate.filtered ||
               settings_.behaviors.Filtered(candidate.behavior,
                                            batch.properties(i));
      }));
}

template <class Is>
MarkSorter::Set MarkSorter::PlacesOf(const Candidates& candidates,
                                     Is&& is) const {
  Set places;
  for (const BehaviorSet::Candidate& candidate : candidates) {
    if (!is(candidate)) continue;
    const auto found =
        std::find(wanted_.begin(), wanted_.end(), candidate.behavior);
    places.push_back(static_cast<uint16_t>(found - wanted_.begin()));
  }
  std::sort(places.begin(), places.end());
  return places;
}

int32_t MarkSorter::NumberOf(const Set& set) {
  if (set.empty()) return kNothing;
  const auto [known, is_new] =
      numbers_.emplace(set, static_cast<int32_t>(sets_.size()));
  if (is_new) sets_.push_back(set);
  return known->second;
}

void MarkSorter::MarkByDay(UserNumber user, int32_t set, int32_t day) {
  if (!dated_ || ToNumber(dated_->day) != day) {
    dated_ = MomentOf(0, day, settings_.calendar);
    starts_in_it_ = settings_.calendar.DayOf(dated_->at) == dated_->day;
  }
  if (starts_in_it_) {
    MarkAt(user, set, ToMillis(dated_->at));
  } else {
    MarkOdd(user, set, *dated_);
  }
}

void MarkSorter::MarkOdd(UserNumber user, int32_t set, const Moment& when) {
  for (uint16_t place : sets_[static_cast<size_t>(set)]) {
    odd_.push_back({wanted_[place], user, when});
  }
}

}  // namespace rekindle
