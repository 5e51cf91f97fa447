// The intake's listener: accepts clients and spreads them over its threads.
#pragma once

#include <memory>

#include "config/base/result.h"
#include "daemon/intake/reception.h"
#include "daemon/session/listen_address.h"

namespace rekindle {

class Listener {
 public:
  // Binds the address (kIo where it cannot) and serves on threads of its own.
  // `reception` outlives it.
  static Result<std::unique_ptr<Listener>> Start(const ListenAddress& address,
                                                 Reception& reception);
  // Accepts nobody any more, lets the requests under way be answered (for a few
  // seconds at most), then ends.
  ~Listener();

  int port() const;

 private:
  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
