// Tells whoever waits that it is time to end.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>

namespace rekindle {

// Thread-safe; once given it stays.
class StopSignal {
 public:
  StopSignal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::runtime_error("no eventfd is to be had");
  }
  ~StopSignal() { close(fd_); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void Stop() {
    stopped_ = true;
    const uint64_t one = 1;
    (void)!write(fd_, &one, sizeof one);
  }
  bool stopped() const { return stopped_; }
  int fd() const { return fd_; }  // readable once it was given

 private:
  const int fd_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace rekindle
