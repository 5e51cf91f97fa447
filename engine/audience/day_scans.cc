#include "engine/audience/day_scans.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

#include "config/base/threads.h"
#include "engine/columns/mask_scan.h"
#include "engine/columns/month_bits.h"

namespace rekindle {
namespace {

int DaysIn(const DayRange& range) {
  return static_cast<int>((range.last - range.first).count()) + 1;
}

}  // namespace

// The questions about one behavior.
class DayScans::OfBehavior {
 public:
  OfBehavior(const MasksAsOf& masks, BehaviorIndex behavior)
      : masks_(masks), behavior_(behavior) {}

  BehaviorIndex behavior() const { return behavior_; }

  // REQUIRES for all: ranges are of MasksAsOf::Seen; `next` is the answer's
  // place where the question is a new one, which makes it one more.
  size_t OnDays(const DayRange& days, int at_least, int at_most, size_t& next) {
    const int span = DaysIn(days);
    at_least = std::max(0, at_least);
    at_most = std::min(span, at_most);
    const auto [asked, added] = on_days_.try_emplace(
        {ToNumber(days.first), ToNumber(days.last), at_least, at_most}, next);
    if (!added) return asked->second;
    Window& window = windows_[WindowOf(days)];
    window.questions.push_back({at_least, at_most, next});
    const bool any = at_least == 1 && at_most == span;
    if (!any && at_most != 0) window.counted = true;
    return next++;
  }

  size_t Dropped(const DropQuestion& question, size_t& next) {
    const size_t now = WindowOf(question.now);
    const size_t before = WindowOf(question.before);
    const auto by = static_cast<int32_t>(question.by);
    for (const Drop& asked : drops_) {
      if (asked.now == now && asked.before == before && asked.by == by) {
        return asked.answer;
      }
    }
    drops_.push_back({now, before, by, next});
    return next++;
  }

  size_t InARow(const DayRange& days, int length, size_t& next) {
    for (const Row& asked : rows_) {
      if (asked.days == days && asked.length == length) return asked.answer;
    }
    rows_.push_back({days, length, next});
    return next++;
  }

  void Prefetch(uint32_t block) const {
    for (const auto& month : months_) masks_.Prefetch(month, block);
  }

  void Block(uint32_t block, std::vector<BlockSet>& answers) const {
    thread_local Scratch scratch;
    scratch.glances.clear();
    scratch.placed.assign(months_.size(), kNotPlaced);
    scratch.next = 0;
    for (const auto& month : months_) {
      scratch.glances.push_back(masks_.At(month, block));
    }
    const Reading reading{block, scratch};
    for (const Window& window : windows_) {
      if (window.counted) {
        AnswerCounts(window, reading, answers);
      } else if (!window.questions.empty()) {
        AnswerPresences(window, reading, answers);
      }
    }
    for (const auto& [now, before, by, answer] : drops_) {
      ReadMonths(windows_[now], reading, scratch.counted);
      ReadMonths(windows_[before], reading, scratch.compared);
      AnswerDropped(scratch.counted, scratch.compared, by, answers[answer]);
    }
    for (const auto& [days, length, answer] : rows_) {
      answers[answer].fill(0);
      masks_.AddInARow(behavior_, days, length, block, answers[answer]);
    }
  }

 private:
  struct Question {
    int at_least, at_most;
    size_t answer;
  };
  struct Window {
    DayRange days;
    size_t first = 0;            // of the behavior's months
    std::vector<uint32_t> bits;  // its days, month by month from that one on
    std::vector<Question> questions;
    bool counted = false;  // some ask for more than at all, or not at all
  };
  struct Drop {
    size_t now, before;  // windows
    int32_t by;
    size_t answer;
  };
  struct Row {
    DayRange days;
    int length;
    size_t answer;
  };
  static constexpr uint32_t kNotPlaced = UINT32_MAX;
  struct Scratch {
    // By month; masks are placed once they are asked for: time may begin long
    // before anything happened.
    std::vector<MasksAsOf::Glance> glances;
    std::vector<uint32_t> placed;
    std::deque<MasksByUser> masks;
    uint32_t next = 0;  // of the masks
    // Of the window at hand, and of the one that it is compared with.
    std::vector<CountedMonth> counted, compared;
    std::vector<DaysWithin> asked;
  };
  struct Reading {
    uint32_t block;
    Scratch& scratch;
  };

  size_t WindowOf(const DayRange& days) {
    const auto same =
        std::find_if(windows_.begin(), windows_.end(),
                     [&](const Window& window) { return window.days == days; });
    if (same != windows_.end()) {
      return static_cast<size_t>(same - windows_.begin());
    }
    Window window{days};
    for (int32_t month = MonthOf(days.first); month <= MonthOf(days.last);
         ++month) {
      window.bits.push_back(BitsIn(month, days));
    }
    windows_.push_back(std::move(window));
    Widen(MonthOf(days.first), MonthOf(days.last));
    return windows_.size() - 1;
  }

  void Widen(int32_t first, int32_t last) {
    if (!months_.empty()) {
      first = std::min(first, months_.front().month);
      last = std::max(last, months_.back().month);
    }
    months_.clear();
    for (int32_t month = first; month <= last; ++month) {
      months_.push_back(masks_.Find(behavior_, month));
    }
    for (Window& window : windows_) {
      window.first = static_cast<size_t>(MonthOf(window.days.first) - first);
    }
  }

  const MasksByUser& MasksOf(size_t month, const Reading& reading) const {
    Scratch& scratch = reading.scratch;
    uint32_t& place = scratch.placed[month];
    if (place == kNotPlaced) {
      place = scratch.next++;
      if (place == scratch.masks.size()) scratch.masks.emplace_back();
      masks_.Block(behavior_, months_[month].month, reading.block,
                   scratch.masks[place]);
    }
    return scratch.masks[place];
  }

  void AnswerPresences(const Window& window, const Reading& reading,
                       std::vector<BlockSet>& answers) const {
    BlockSet users{};
    for (size_t m = 0; m < window.bits.size(); ++m) {
      const size_t month = window.first + m;
      const MasksAsOf::Glance& here = reading.scratch.glances[month];
      if (here.present == nullptr) continue;
      if (here.AllAmong(window.bits[m])) {
        for (uint32_t w = 0; w < kBlockWords; ++w) users[w] |= here.present[w];
      } else {
        AddThoseWith(MasksOf(month, reading), window.bits[m], users);
      }
    }
    for (const auto& [at_least, at_most, answer] : window.questions) {
      const uint64_t flip = at_most == 0 ? ~uint64_t{0} : 0;
      for (uint32_t w = 0; w < kBlockWords; ++w) {
        answers[answer][w] = users[w] ^ flip;
      }
    }
  }

  void AnswerCounts(const Window& window, const Reading& reading,
                    std::vector<BlockSet>& answers) const {
    std::vector<DaysWithin>& asked = reading.scratch.asked;
    asked.clear();
    for (const auto& [at_least, at_most, answer] : window.questions) {
      asked.push_back({static_cast<uint32_t>(at_least),
                       static_cast<uint32_t>(at_most), answers[answer].data()});
    }
    ReadMonths(window, reading, reading.scratch.counted);
    AnswerDays(reading.scratch.counted, asked);
  }

  // Months in which nobody did it are left out.
  void ReadMonths(const Window& window, const Reading& reading,
                  std::vector<CountedMonth>& months) const {
    months.clear();
    for (size_t m = 0; m < window.bits.size(); ++m) {
      const size_t month = window.first + m;
      if (reading.scratch.glances[month].present == nullptr) continue;
      months.push_back({&MasksOf(month, reading), window.bits[m]});
    }
  }

  const MasksAsOf& masks_;
  const BehaviorIndex behavior_;
  std::vector<MasksAsOf::Month> months_;  // of all windows, side by side
  std::vector<Window> windows_;
  std::vector<Drop> drops_;
  std::vector<Row> rows_;
  std::map<std::tuple<int32_t, int32_t, int, int>, size_t> on_days_;
};

DayScans::DayScans(const MasksAsOf& masks)
    : masks_(masks), ahead_(static_cast<uint32_t>(HardwareThreads())) {}
DayScans::~DayScans() = default;

DayScans::OfBehavior& DayScans::Of(BehaviorIndex behavior) {
  for (const auto& known : behaviors_) {
    if (known->behavior() == behavior) return *known;
  }
  return *behaviors_.emplace_back(
      std::make_unique<OfBehavior>(masks_, behavior));
}

DayScans::Answer DayScans::OnDays(BehaviorIndex behavior,
                                  const std::optional<DayRange>& range,
                                  int at_least, int at_most) {
  const auto seen = masks_.Seen(behavior, range);
  const int span = seen ? DaysIn(*seen) : 0;
  if (at_least <= 0 && at_most >= span) return true;
  if (at_least > span || at_most < 0 || at_least > at_most) return false;
  return Of(behavior).OnDays(*seen, at_least, at_most, answers_);
}

DayScans::Answer DayScans::InARow(BehaviorIndex behavior,
                                  const std::optional<DayRange>& range,
                                  int days) {
  const auto seen = masks_.Seen(behavior, range);
  if (!seen) return false;
  return Of(behavior).InARow(*seen, days, answers_);
}

DayScans::Answer DayScans::Dropped(const DropQuestion& question) {
  const auto before = masks_.Seen(question.behavior, question.before);
  if (!before) return false;
  const auto now = masks_.Seen(question.behavior, question.now);
  // What was not done at all now was dropped by all of it.
  if (!now) return OnDays(question.behavior, *before, 1, DaysIn(*before));
  DropQuestion seen = question;
  seen.before = *before;
  seen.now = *now;
  return Of(question.behavior).Dropped(seen, answers_);
}

void DayScans::Block(uint32_t block, std::vector<BlockSet>& answers) const {
  answers.resize(std::max(answers.size(), answers_));
  for (const auto& behavior : behaviors_) {
    behavior->Prefetch(block + ahead_);
    behavior->Block(block, answers);
  }
}

}  // namespace rekindle
