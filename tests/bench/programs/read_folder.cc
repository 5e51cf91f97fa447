#include "tests/bench/programs/read_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace rekindle::bench {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ >= 0) return;
    throw std::system_error(errno, std::generic_category(),
                            "cannot open " + path.string());
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

int64_t ReadFolder(const std::filesystem::path& folder) {
  static std::vector<char> buffer(1 << 20);
  int64_t bytes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const Descriptor in(entry.path());
    ssize_t count = 0;
    while ((count = ::read(in.get(), buffer.data(), buffer.size())) > 0) {
      bytes += count;
    }
  }
  return bytes;
}

}  // namespace rekindle::bench
