// Files by their descriptors, for what streams do not do: to sync, to lock, to
// read and write at a place. Failures are std::system_error with the file's
// name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace rekindle {

// An open file. Reads at a place may go on from many threads.
class File {
 public:
  static constexpr unsigned kOwnerOnly = 0600;

  // `flags` and, where they make the file, `permissions` are those of open(2).
  File(std::filesystem::path path, int flags,
       unsigned permissions = kOwnerOnly);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }

  // All of it: where the last Write ended, or from `offset` on.
  void Write(std::string_view bytes);
  void WriteAt(int64_t offset, std::string_view bytes);
  // As many bytes as there are from `offset` on, at most so many.
  size_t ReadAt(int64_t offset, std::span<char> bytes) const;
  void Truncate(int64_t size);
  // Returns when what was written is on the disk.
  void Sync() const;

 private:
  const std::filesystem::path path_;
  const int descriptor_;
};

// Throws what errno says of a call that failed.
[[noreturn]] void ThrowErrno(const std::filesystem::path& path);
// Makes durable which files there are in the folder, and under what names.
void SyncFolder(const std::filesystem::path& folder);
// Creates, durably, what is missing of the path; others but the own group have
// no access.
void MakeFolders(const std::filesystem::path& folder);

}  // namespace rekindle
