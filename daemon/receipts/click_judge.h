// Which opened links are clicks.
//
// Programs that look at mail before its reader open everything in it within
// seconds of its arrival. So what is opened in the first seconds waits: if all
// links of the touch are opened by then, it was such a program; if only some
// are, they are clicks once the seconds are over. Where there is but one link,
// nobody reads and taps within the first two. What waits is in memory only: a
// crash loses the clicks of the last ten seconds.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/ledger/receipt.h"
#include "engine/links/link_store.h"

namespace rekindle {

// Thread-safe.
class ClickJudge {
 public:
  static constexpr std::chrono::seconds kFirstSeconds{10};
  static constexpr std::chrono::seconds kTooQuick{2};

  // True for a click; false where it waits, or is none.
  bool IsClick(const LinkVisit& visit, Instant now);

  // The clicks of touches whose seconds are over (with `all`, of all that
  // wait), as of when their first link was opened. Forgets those touches.
  std::vector<Receipt> TakeDue(Instant now, bool all = false);

 private:
  struct Waiting {
    std::string channel;
    Instant first_opened;
    Instant until;
    std::set<int> opened;
    bool scanned = false;  // all were opened
  };

  std::mutex mutex_;
  std::map<std::string, Waiting> waiting_;  // by touch id
};

}  // namespace rekindle
