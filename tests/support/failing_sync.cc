#include "tests/support/failing_sync.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

namespace {

std::mutex mutex;  // guards the rest
std::condition_variable changed;
std::optional<std::string> failing, held;  // parts of names

bool Concerns(const std::optional<std::string>& part, int file) {
  if (!part) return false;
  std::error_code ignored;
  const std::string name = std::filesystem::read_symlink(
                               "/proc/self/fd/" + std::to_string(file), ignored)
                               .string();
  if (!part->ends_with('$')) return name.find(*part) != std::string::npos;
  return name.ends_with(part->substr(0, part->size() - 1));
}

int Sync(long call, int file) {
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [file] { return !Concerns(held, file); });
    if (Concerns(failing, file)) {
      errno = EIO;
      return -1;
    }
  }
  return static_cast<int>(syscall(call, file));
}

void Set(std::optional<std::string>* what, std::optional<std::string> to) {
  {
    std::lock_guard lock(mutex);
    *what = std::move(to);
  }
  changed.notify_all();
}

}  // namespace

// In place of the system's, for the libraries too.
extern "C" int fsync(int file) { return Sync(SYS_fsync, file); }
extern "C" int fdatasync(int file) { return Sync(SYS_fdatasync, file); }

namespace rekindle::testing {

FailingSync::FailingSync(std::string of) { Set(&failing, std::move(of)); }
FailingSync::~FailingSync() { Set(&failing, std::nullopt); }

HeldSync::HeldSync(std::string of) { Set(&held, std::move(of)); }
HeldSync::~HeldSync() { Set(&held, std::nullopt); }

}  // namespace rekindle::testing
