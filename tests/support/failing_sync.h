// A disk that fails to sync, or takes its time.
#pragma once

#include <string>

namespace rekindle::testing {

// While it lives, every fsync and fdatasync by this program of a file whose
// name has this in it ("x.db$": ends with x.db) fails with EIO and reaches no
// disk. One at a time.
class FailingSync {
 public:
  explicit FailingSync(std::string of = "");
  ~FailingSync();
};

// While it lives, they wait instead. One at a time.
class HeldSync {
 public:
  explicit HeldSync(std::string of);
  ~HeldSync();
};

}  // namespace rekindle::testing
