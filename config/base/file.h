// Files by their descriptors, for what streams cannot do: sync, lock, read and
// write at an offset. Failures throw std::system_error with the file's name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace rekindle {

// An open file. Many threads may call ReadAt at once.
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

  // These write all bytes: where the last Write ended, or from `offset` on.
  void Write(std::string_view bytes);
  void WriteAt(int64_t offset, std::string_view bytes);
  // Fills `bytes` from `offset` on, as far as the file goes; returns how many.
  size_t ReadAt(int64_t offset, std::span<char> bytes) const;
  void Truncate(int64_t size);
  // Returns once everything written is on the disk.
  void Sync() const;

 private:
  const std::filesystem::path path_;
  const int descriptor_;
};

// Throws the std::system_error for the errno of a call that failed.
[[noreturn]] void ThrowErrno(const std::filesystem::path& path);
// Makes durable which files there are in the folder, and under what names.
void SyncFolder(const std::filesystem::path& folder);
// Creates the missing folders of a path, durably, with mode 0750.
void MakeFolders(const std::filesystem::path& folder);

}  // namespace rekindle
