#include "tests/support/failing_sync.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

std::atomic<bool> failing = false;

int Sync(long call, int file) {
  if (!failing) return static_cast<int>(syscall(call, file));
  errno = EIO;
  return -1;
}

}  // namespace

// In place of the system's, for the libraries too.
extern "C" int fsync(int file) { return Sync(SYS_fsync, file); }
extern "C" int fdatasync(int file) { return Sync(SYS_fdatasync, file); }

namespace rekindle::testing {

FailingSync::FailingSync() { failing = true; }
FailingSync::~FailingSync() { failing = false; }

}  // namespace rekindle::testing
