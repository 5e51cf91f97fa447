#include "config/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace rekindle {
namespace {

// write(bytes) -> how many of them it took.
template <class W>
void WriteAll(const std::filesystem::path& path, std::string_view bytes,
              W&& write) {
  while (!bytes.empty()) {
    const ssize_t written = write(bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ThrowErrno(path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

File::File(std::filesystem::path path, int flags, unsigned permissions)
    : path_(std::move(path)),
      descriptor_(::open(path_.c_str(), flags | O_CLOEXEC, permissions)) {
  if (descriptor_ < 0) ThrowErrno(path_);
}

File::~File() { ::close(descriptor_); }

void File::Write(std::string_view bytes) {
  WriteAll(path_, bytes, [this](std::string_view left) {
    return ::write(descriptor_, left.data(), left.size());
  });
}

void File::WriteAt(int64_t offset, std::string_view bytes) {
  const auto end = offset + static_cast<int64_t>(bytes.size());
  WriteAll(path_, bytes, [this, end](std::string_view left) {
    return ::pwrite(descriptor_, left.data(), left.size(),
                    end - static_cast<int64_t>(left.size()));
  });
}

size_t File::ReadAt(int64_t offset, std::span<char> bytes) const {
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count =
        ::pread(descriptor_, bytes.data() + filled, bytes.size() - filled,
                offset + static_cast<int64_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ThrowErrno(path_);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  return filled;
}

void File::Truncate(int64_t size) {
  if (::ftruncate(descriptor_, size) != 0) ThrowErrno(path_);
}

void File::Sync() const {
  if (::fsync(descriptor_) != 0) ThrowErrno(path_);
}

void ThrowErrno(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

void SyncFolder(const std::filesystem::path& folder) {
  File(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY).Sync();
}

void MakeFolders(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::is_directory(folder)) return;
  const std::filesystem::path parent = folder.parent_path();
  if (parent != folder) MakeFolders(parent);
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) {
    ThrowErrno(folder);
  }
  SyncFolder(parent);
}

}  // namespace rekindle
