#include "tests/bench/programs/read_folder.h"

#include <fcntl.h>

#include <vector>

#include "config/base/file.h"

namespace rekindle::bench {

int64_t ReadFolder(const std::filesystem::path& folder) {
  static std::vector<char> buffer(1 << 20);
  int64_t bytes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const File in(entry.path(), O_RDONLY);
    int64_t size = 0;
    while (const size_t count = in.ReadAt(size, buffer)) {
      size += static_cast<int64_t>(count);
    }
    bytes += size;
  }
  return bytes;
}

}  // namespace rekindle::bench
