#include "channels/file/durable_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace rekindle {

void ThrowErrno(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

OpenFile::OpenFile(const std::filesystem::path& path, int flags)
    : fd_(open(path.c_str(), flags | O_CLOEXEC, 0640)) {
  if (fd_ < 0) ThrowErrno("open");
}

OpenFile::~OpenFile() { close(fd_); }

std::string ReadBytes(int fd, size_t size) {
  std::string bytes(size, '\0');
  size_t have = 0;
  while (have < size) {
    const ssize_t n =
        pread(fd, bytes.data() + have, size - have, static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("read");
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

void WriteBytes(int fd, std::string_view bytes, off_t at) {
  while (!bytes.empty()) {
    const ssize_t n = pwrite(fd, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("write");
    bytes.remove_prefix(static_cast<size_t>(n));
    at += n;
  }
}

void Sync(int fd) {
  if (fsync(fd) != 0) ThrowErrno("fsync");
}

void SyncFolder(const std::filesystem::path& folder) {
  const OpenFile opened(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  Sync(opened.fd());
}

void MakeFolders(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::is_directory(folder)) return;
  const std::filesystem::path parent = folder.parent_path();
  if (parent != folder) MakeFolders(parent);
  if (mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) ThrowErrno("mkdir");
  SyncFolder(parent);
}

}  // namespace rekindle
