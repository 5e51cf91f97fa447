#include "engine/store/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace rekindle {
namespace {

// The process id that the holder wrote; empty where it has not yet.
std::string HolderOf(int file) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(file, text.data(), text.size() - 1, 0);
  return size > 0 ? std::string(text.data(), size) : std::string();
}

void WriteHolder(int file) {
  const std::string pid = std::to_string(::getpid());
  // Only for the message of others: a failure costs nothing.
  if (::ftruncate(file, 0) != 0) return;
  [[maybe_unused]] ssize_t n = ::pwrite(file, pid.data(), pid.size(), 0);
}

}  // namespace

Result<FolderLock> FolderLock::Take(const std::filesystem::path& folder) {
  const std::string name = (folder / "lock").string();
  const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) {
    return Fail(ErrorKind::kIo,
                "cannot open " + name + ": " + std::strerror(errno));
  }
  FolderLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) {
    WriteHolder(file);
    return lock;
  }
  if (errno != EWOULDBLOCK) {
    return Fail(ErrorKind::kIo,
                "cannot lock " + name + ": " + std::strerror(errno));
  }
  std::string message =
      "data folder " + folder.string() + " is in use by another rekindle";
  const std::string holder = HolderOf(file);
  if (!holder.empty()) message += " (pid " + holder + ")";
  return Fail(ErrorKind::kConflict, message);
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace rekindle
