// Files and folders that are on disk when a call returns. Failures are
// std::system_error.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace rekindle {

// Closes the file it holds.
class OpenFile {
 public:
  OpenFile(const std::filesystem::path& path, int flags);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// The first `size` bytes.
std::string ReadBytes(int fd, size_t size);
void WriteBytes(int fd, std::string_view bytes, off_t at);
void Sync(int fd);
void SyncFolder(const std::filesystem::path& folder);
// Creates what is missing of the path, readable by the own group only.
void MakeFolders(const std::filesystem::path& folder);
[[noreturn]] void ThrowErrno(const char* doing);

}  // namespace rekindle
