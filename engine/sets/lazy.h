// A value worked out on first use, once, whichever thread asks first.
#pragma once

#include <mutex>
#include <utility>

namespace rekindle {

// Thread-safe. An exception leaves the value to the next caller. REQUIRES:
// `make` does not ask for the same value again.
template <class T>
class Lazy {
 public:
  template <class Make>
  const T& Get(Make&& make) const {
    std::call_once(once_, [&] { value_ = std::forward<Make>(make)(); });
    return value_;
  }

 private:
  mutable std::once_flag once_;
  mutable T value_{};
};

}  // namespace rekindle
