// Finds who has which label, a block of users at a time.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "engine/columns/byte_scan.h"
#include "engine/columns/day_counters.h"
#include "engine/preferences/threshold.h"

namespace rekindle {

class UsersAsOf;

// Thread-safe. Reads the byte counters where the window is one of whole months
// that ends at as_of and they count nothing after as_of, else the masks.
class LabelScan {
 public:
  // Each label's row receives its users; rows have room for whole blocks.
  LabelScan(const UsersAsOf& seen, std::vector<uint64_t*> rows);
  // `known` says who is known (the whole set's words, of this block at least).
  void Block(uint32_t block, const uint64_t* known) const;

 private:
  using Words = std::array<uint64_t, kBlockWords>;

  const PreferenceSettings& settings() const;
  bool CountersShow(uint32_t block) const;
  // `known` from here on: the block's words.
  void FromCounters(uint32_t block, const uint64_t* known) const;
  void FromMasks(uint32_t block, const uint64_t* known,
                 std::vector<Words>& bits) const;
  void Count(uint32_t block, const DayRange& window,
             const std::vector<uint32_t>& users,
             std::vector<Words>& bits) const;
  void Store(uint32_t block, size_t label, const Words& bits,
             const uint64_t* known) const;

  const UsersAsOf& seen_;
  const std::vector<uint64_t*> rows_;
  const Threshold threshold_;
  // How many blocks ahead a thread's next one about is, with all threads at
  // work.
  const uint32_t ahead_;
  std::shared_ptr<const DayCounters> counters_;  // nullptr: from the masks
  Floors floors_{};
};

}  // namespace rekindle
