// A disk that fails to sync.
#pragma once

namespace rekindle::testing {

// While it lives, every fsync and fdatasync of this program fails with EIO and
// reaches no disk.
class FailingSync {
 public:
  FailingSync();
  ~FailingSync();
};

}  // namespace rekindle::testing
