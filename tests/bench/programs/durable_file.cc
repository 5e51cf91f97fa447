#include "tests/bench/programs/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

namespace rekindle::bench {
namespace {

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) Throw("cannot open " + path.string());
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  static void Throw(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
  }

 private:
  const int fd_;
};

}  // namespace

void WriteDurably(const std::filesystem::path& file, std::string_view bytes) {
  const std::filesystem::path beside = file.string() + ".new";
  {
    const Descriptor out(beside, O_CREAT | O_TRUNC | O_WRONLY);
    while (!bytes.empty()) {
      const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
      if (written < 0) Descriptor::Throw("cannot write " + beside.string());
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    if (::fdatasync(out.get()) != 0) Descriptor::Throw("cannot sync");
  }
  std::filesystem::rename(beside, file);
  const Descriptor folder(file.parent_path(), O_RDONLY | O_DIRECTORY);
  if (::fsync(folder.get()) != 0) Descriptor::Throw("cannot sync the folder");
}

int64_t ReadFolder(const std::filesystem::path& folder) {
  static std::vector<char> buffer(1 << 20);
  int64_t bytes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const Descriptor in(entry.path(), O_RDONLY);
    ssize_t count = 0;
    while ((count = ::read(in.get(), buffer.data(), buffer.size())) > 0) {
      bytes += count;
    }
  }
  return bytes;
}

}  // namespace rekindle::bench
