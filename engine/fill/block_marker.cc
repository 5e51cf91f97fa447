#include "engine/fill/block_marker.h"

#include <algorithm>
#include <bit>

namespace rekindle {
namespace {

constexpr size_t kMasksInLine = 16;  // of a cache line
// Rows of more months are not kept at once: a bound for memory, where events
// come in no order of time.
constexpr size_t kMonthsAtOnce = 32;
// Marks; so long a row takes to arrive.
constexpr size_t kAhead = 12;

// Rows begin where a cache line does, or share one.
size_t StrideOf(size_t behaviors) {
  if (behaviors <= kMasksInLine) return std::bit_ceil(behaviors);
  return (behaviors + kMasksInLine - 1) / kMasksInLine * kMasksInLine;
}

}  // namespace

BlockMarker::BlockMarker(const Calendar& calendar,
                         const std::vector<BehaviorIndex>& wanted)
    : calendar_(calendar),
      wanted_(wanted),
      stride_(StrideOf(wanted.size())),
      activity_(static_cast<size_t>(
          std::find(wanted.begin(), wanted.end(), BehaviorSet::kActivity) -
          wanted.begin())),
      packed_(wanted.size()) {}

std::vector<BlockMarker::Places> BlockMarker::PlacesOf(
    std::span<const MarkSorter::Set> sets) const {
  std::vector<Places> places;
  for (const MarkSorter::Set& set : sets) {
    const size_t begun = std::min<size_t>(2, set.size());
    places.push_back(
        {set.front(), set[begun - 1], std::span(set).subspan(begun),
         std::find(set.begin(), set.end(), activity_) != set.end()});
  }
  return places;
}

void BlockMarker::Apply(uint32_t block, std::span<const MarkSorter> sorters,
                        FilledBlock* found) {
  const bool any = std::any_of(
      sorters.begin(), sorters.end(),
      [&](const MarkSorter& sorter) { return !sorter.marks().empty(block); });
  if (!any) return;
  if (activity_ < wanted_.size() && !found->lasts) {
    found->lasts = std::make_unique<LastBlock>();
    found->lasts->at.fill(kNever);
  }
  for (const MarkSorter& sorter : sorters) {
    const std::vector<Places> places = PlacesOf(sorter.sets());
    sorter.marks().ForEach(block, [&](std::span<const Mark> marks) {
      Apply(marks, places, found);
    });
  }
  Flush(found);
}

void BlockMarker::Apply(std::span<const Mark> marks,
                        std::span<const Places> places_of, FilledBlock* found) {
  // Written at every event, so that no branch hangs on what that was.
  int64_t* const lasts = (found->lasts ? *found->lasts : unwanted_).at.data();
  while (!marks.empty()) {
    const Day day = DayOf(marks.front().at(), found);
    size_t count = 0;
    for (; count < marks.size(); ++count) {
      const Mark mark = marks[count];
      const uint32_t soon =
          marks[std::min(count + kAhead, marks.size() - 1)].user();
      __builtin_prefetch(day.rows + soon * stride_, 1);
      __builtin_prefetch(lasts + soon, 1);
      const int64_t at = mark.at();
      if (at < day.from || at >= day.to) break;
      const uint32_t user = mark.user();
      const Places& places = places_of[mark.set()];
      day.month->touched[user / 64] |= uint64_t{1} << (user % 64);
      uint32_t* const row = day.rows + user * stride_;
      row[places.first] |= day.bit;
      row[places.second] |= day.bit;
      for (uint16_t place : places.more) row[place] |= day.bit;
      lasts[user] = std::max(lasts[user], places.is_activity ? at : kNever);
    }
    marks = marks.subspan(count);
  }
}

BlockMarker::Day BlockMarker::DayOf(int64_t at, FilledBlock* found) {
  const Calendar::DaySpan span = calendar_.SpanOf(FromMillis(at));
  const std::chrono::year_month_day date{span.day};
  Month& month = MonthOf(PeriodOf(span.day, PeriodUnit::kMonth), found);
  return {ToMillis(span.from), ToMillis(span.to),
          uint32_t{1} << (static_cast<unsigned>(date.day()) - 1), &month,
          month.rows.data()};
}

BlockMarker::Month& BlockMarker::MonthOf(int32_t month, FilledBlock* found) {
  for (size_t i = 0; i < used_; ++i) {
    if (months_[i]->month == month) return *months_[i];
  }
  if (used_ == kMonthsAtOnce) Flush(found);
  if (used_ == months_.size()) {
    months_.push_back(std::make_unique<Month>());
    months_.back()->rows.resize(kBlockUsers * stride_);
  }
  Month& next = *months_[used_++];
  next.month = month;
  return next;
}

void BlockMarker::Flush(FilledBlock* found) {
  for (size_t i = 0; i < used_; ++i) Flush(*months_[i], found);
  used_ = 0;
}

void BlockMarker::Flush(Month& month, FilledBlock* found) {
  PackRows(month.rows.data(), stride_, month.touched, packed_);
  month.touched = {};
  for (size_t place = 0; place < wanted_.size(); ++place) {
    const PackedMasks& packed = packed_[place];
    if (packed.count == 0) continue;
    auto block = std::make_unique<MaskBlock>(packed.present, packed.masks());
    auto& there = found->masks[{wanted_[place], month.month}];
    if (there) {
      there->Join(*block);
    } else {
      there = std::move(block);
    }
  }
}

}  // namespace rekindle
