// The one thing that reads the wall clock. Everything else is given an instant.
#pragma once

#include "config/base/calendar.h"

namespace rekindle {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
};

class SystemClock : public Clock {
 public:
  Instant Now() const override;
};

// A clock that stands still: `--as-of` replaces the wall clock by it.
class FixedClock : public Clock {
 public:
  explicit FixedClock(Instant at) : at_(at) {}
  Instant Now() const override { return at_; }

 private:
  Instant at_;
};

}  // namespace rekindle
