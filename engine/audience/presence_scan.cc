#include "engine/audience/presence_scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/columns/byte_scan.h"

namespace rekindle {

PresenceScan::PresenceScan(const MasksAsOf& masks, BehaviorIndex behavior,
                           std::optional<DayRange> range, int at_least,
                           int at_most)
    : masks_(masks),
      behavior_(behavior),
      at_least_(at_least),
      at_most_(at_most) {
  if (const auto seen = masks.Seen(behavior, range)) {
    days_ = *seen;
    span_ = static_cast<int>((days_.last - days_.first).count()) + 1;
  }
  if (at_least <= 0 && at_most >= span_) {
    same_for_all_ = true;
  } else if (at_least > span_ || at_most < 0 || at_least > at_most) {
    same_for_all_ = false;
  }
}

std::string PresenceScan::Name() const {
  return fmt::format("{} on {}-{} days of {}-{}", behavior_, at_least_,
                     at_most_, ToNumber(days_.first), ToNumber(days_.last));
}

void PresenceScan::Block(uint32_t block, Words& users) const {
  if (any() || none()) {
    users.fill(0);
    masks_.AddPresent(behavior_, days_, block, users);
    if (any()) return;
    for (uint64_t& word : users) word = ~word;
  } else if (span_ <= UINT8_MAX) {
    Count<uint8_t>(block, users);
  } else {
    Count<uint16_t>(block, users);
  }
}

template <class Days>
void PresenceScan::Count(uint32_t block, Words& users) const {
  std::array<Days, kBlockUsers> counts{};
  masks_.AddDays(behavior_, days_, block, counts);
  Within(counts.data(), static_cast<Days>(std::max(0, at_least_)),
         static_cast<Days>(std::min(span_, at_most_)), users);
}

}  // namespace rekindle
