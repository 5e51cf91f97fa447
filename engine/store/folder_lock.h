// One process owns a data folder.
#pragma once

#include <filesystem>
#include <utility>

#include "config/base/result.h"

namespace rekindle {

// Held until destroyed (or the process ends, however it ends).
class FolderLock {
 public:
  // Locks `folder`/lock. kConflict where another holds it, with its process
  // id; kIo where the file cannot be made.
  static Result<FolderLock> Take(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept
      : file_(std::exchange(other.file_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace rekindle
