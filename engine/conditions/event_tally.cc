#include "engine/conditions/event_tally.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

namespace rekindle {
namespace {

// Integers of this size add up exactly to some 10^13.
constexpr long double kParts = 1e6L;

}  // namespace

int LongestRow(const std::vector<LocalDay>& days) {
  int longest = 0;
  int row = 0;
  for (size_t i = 0; i < days.size(); ++i) {
    const bool next = i > 0 && days[i] == days[i - 1] + std::chrono::days(1);
    row = next ? row + 1 : 1;
    longest = std::max(longest, row);
  }
  return longest;
}

void TallyMaker::Add(Instant at, LocalDay day, std::string_view properties) {
  if (!PropertiesPass(question_->where, properties)) return;
  Entry entry{at, day};
  if (!question_->same.empty()) {
    const Value value = PropertyOf(properties, question_->same);
    if (std::holds_alternative<std::monostate>(value)) return;
    entry.value = ValueText(value);
  }
  if (!question_->total.empty()) {
    entry.number =
        NumberOf(PropertyOf(properties, question_->total)).value_or(0);
  }
  entries_.push_back(std::move(entry));
}

void TallyMaker::AddSince(Instant at, LocalDay day) {
  if (since_ && *since_ >= at) return;
  since_ = at;
  since_day_ = day;
}

void TallyMaker::AddMissingDays(const std::vector<LocalDay>& days) {
  std::vector<LocalDay> seen;
  for (const Entry& entry : entries_) seen.push_back(entry.day);
  std::sort(seen.begin(), seen.end());
  std::vector<LocalDay> missing;
  std::set_difference(days.begin(), days.end(), seen.begin(), seen.end(),
                      std::back_inserter(missing));
  for (LocalDay day : missing) entries_.push_back({Instant::min(), day});
}

// A last day of `since` without its event: its raw events are gone, or it lies
// before the stretch. Then later days alone are surely later.
void TallyMaker::DropBefore(std::optional<LocalDay> last_since) {
  if (!last_since) return entries_.clear();
  const bool by_day = !since_ || since_day_ < *last_since;
  std::erase_if(entries_, [&](const Entry& entry) {
    if (by_day) return entry.day <= *last_since;
    return entry.at == Instant::min() ? entry.day <= since_day_
                                      : entry.at <= *since_;
  });
}

std::vector<EventTally> TallyMaker::Finish(const std::vector<LocalDay>& days,
                                           std::optional<LocalDay> last_since) {
  if (!question_->AsksProperties()) AddMissingDays(days);
  if (question_->since) DropBefore(last_since);
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.day < b.day; });
  std::map<std::string, EventTally> by_value;
  std::map<std::string, long double> parts;
  for (const Entry& entry : entries_) {
    EventTally& tally = by_value[entry.value];
    ++tally.events;
    if (tally.days.empty() || tally.days.back() != entry.day) {
      tally.days.push_back(entry.day);
    }
    parts[entry.value] += std::round(kParts * entry.number);
  }
  std::vector<EventTally> tallies;
  for (auto& [value, tally] : by_value) {
    tally.value = value;
    tally.total = static_cast<double>(parts[value] / kParts);
    tallies.push_back(std::move(tally));
  }
  return tallies;
}

}  // namespace rekindle
