#include "rules/decision/cap_book.h"

#include <algorithm>

namespace rekindle {
namespace {

using std::chrono::hours;

// From when on touches can matter to one due at or after as_of. A unit's first
// day begins at most so long before it, in any zone.
Instant ReadFrom(const Cap& cap, Instant as_of) {
  if (!cap.per) return as_of - cap.within;
  switch (*cap.per) {
    case PeriodUnit::kDay:
      return as_of - hours(2 * 24);
    case PeriodUnit::kWeek:
      return as_of - hours(8 * 24);
    case PeriodUnit::kMonth:
      return as_of - hours(32 * 24);
  }
  return as_of;
}

}  // namespace

CapBook::CapBook(const std::vector<Cap>& caps, const Ledger& ledger,
                 uint32_t universe, Instant as_of,
                 std::optional<UserNumber> only)
    : caps_(caps), ledger_(ledger), universe_(universe), only_(only) {
  for (const Cap& cap : caps) {
    const Instant from = ReadFrom(cap, as_of);
    const size_t shelf = ShelfOf(cap.channel);
    if (shelf == shelves_.size()) {
      shelves_.push_back({.channel = cap.channel, .from = from});
    }
    shelves_[shelf].from = std::min(shelves_[shelf].from, from);
  }
}

size_t CapBook::ShelfOf(const std::string& channel) const {
  const auto found =
      std::find_if(shelves_.begin(), shelves_.end(),
                   [&](const Shelf& s) { return s.channel == channel; });
  return found - shelves_.begin();
}

void CapBook::Read(SQLite::Database& db, Shelf* shelf) const {
  shelf->read = true;
  std::vector<std::pair<UserNumber, int64_t>> rows;
  ledger_.CappedTouches(db, shelf->from,
                        shelf->channel.empty()
                            ? std::nullopt
                            : std::optional<std::string>(shelf->channel),
                        only_, [&](UserNumber user, Instant at) {
                          if (user < universe_) {
                            rows.emplace_back(user, ToMillis(at));
                          }
                        });
  // Counting sort: by user, in whatever order the ledger gave them.
  shelf->first.assign(universe_ + 1, 0);
  for (const auto& [user, at] : rows) ++shelf->first[user + 1];
  for (uint32_t user = 0; user < universe_; ++user) {
    shelf->first[user + 1] += shelf->first[user];
  }
  shelf->at.resize(rows.size());
  std::vector<uint32_t> next(shelf->first.begin(), shelf->first.end() - 1);
  for (const auto& [user, at] : rows) shelf->at[next[user]++] = at;
}

int64_t CapBook::Taken(const Cap& cap, size_t shelf, const Ask& ask,
                       bool without_higher) const {
  std::vector<int64_t>& times = times_;
  times.clear();
  const Shelf& read = shelves_[shelf];
  times.assign(read.at.begin() + read.first[ask.user],
               read.at.begin() + read.first[ask.user + 1]);
  int32_t i = last_added_.empty() ? -1 : last_added_[ask.user];
  for (; i >= 0; i = added_[i].before) {
    const Added& added = added_[i];
    if ((added.shelves >> shelf & 1) == 0) continue;
    if (without_higher && added.priority > ask.priority) continue;
    times.push_back(added.at);
  }
  if (times.empty()) return 0;
  if (cap.per) {
    const int32_t period = PeriodOf(ask.zone->DayOf(ask.due), *cap.per);
    return std::count_if(times.begin(), times.end(), [&](int64_t at) {
      return PeriodOf(ask.zone->DayOf(FromMillis(at)), *cap.per) == period;
    });
  }
  // Every stretch that ends with a touch and holds the one asked for: deferred
  // ones may stand after it.
  const int64_t length = cap.within.count();
  const int64_t due = ToMillis(ask.due);
  int64_t most = 0;
  const auto count_to = [&](int64_t end) {
    most = std::max<int64_t>(
        most, std::count_if(times.begin(), times.end(), [&](int64_t at) {
          return at > end - length && at <= end;
        }));
  };
  count_to(due);
  for (size_t t = 0; t < times.size(); ++t) {
    if (times[t] > due && times[t] < due + length) count_to(times[t]);
  }
  return most;
}

CapBook::Verdict CapBook::Check(SQLite::Database& db, const Ask& ask,
                                const std::string& channel) {
  Verdict verdict;
  for (const Cap& cap : caps_) {
    if (cap.channel != channel) continue;
    const size_t shelf = ShelfOf(cap.channel);
    if (!shelves_[shelf].read) Read(db, &shelves_[shelf]);
    const int64_t taken = Taken(cap, shelf, ask, false);
    if (verdict.fullest == nullptr ||
        cap.max - taken < verdict.fullest->max - verdict.taken) {
      verdict.fullest = &cap;
      verdict.taken = taken;
    }
    if (taken < cap.max) continue;
    verdict.cap = verdict.fullest = &cap;
    verdict.taken = taken;
    verdict.outranked = Taken(cap, shelf, ask, true) < cap.max;
    return verdict;
  }
  return verdict;
}

void CapBook::Reserve(const Ask& ask,
                      const std::vector<const std::string*>& channels) {
  uint64_t shelves = 0;
  const auto count_on = [&](const std::string& channel) {
    const size_t shelf = ShelfOf(channel);
    if (shelf < shelves_.size()) shelves |= uint64_t{1} << shelf;
  };
  count_on("");
  for (const std::string* channel : channels) count_on(*channel);
  if (shelves == 0) return;
  if (last_added_.empty()) last_added_.assign(universe_, -1);
  added_.push_back({ToMillis(ask.due), ask.priority, ask.user,
                    last_added_[ask.user], shelves});
  last_added_[ask.user] = static_cast<int32_t>(added_.size() - 1);
}

void CapBook::RollBack(size_t mark) {
  while (added_.size() > mark) {
    last_added_[added_.back().user] = added_.back().before;
    added_.pop_back();
  }
}

Phrase CapBook::Describe(const Cap& cap, int64_t taken, const Ask& ask) {
  const Phrase counted =
      cap.channel.empty() ? Phrase("marketing") : Phrase(cap.channel);
  const Phrase touches = taken == 1 ? Phrase("{} {} touch", taken, counted)
                                    : Phrase("{} {} touches", taken, counted);
  if (!cap.per) {
    const Phrase when = Phrase("{} around {}", PhraseOf(cap.within_as_written),
                               ask.zone->FormatMinute(ask.due));
    return Phrase("{} hold {} of {}", when, touches, cap.max);
  }
  const int32_t period = PeriodOf(ask.zone->DayOf(ask.due), *cap.per);
  const Phrase when =
      Phrase("{} ({})", PeriodName(period, *cap.per), ask.zone->zone_name());
  return Phrase("{} has {} of {}", when, touches, cap.max);
}

}  // namespace rekindle
