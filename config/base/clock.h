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

// Stands still: what `--as-of` puts in place of the wall clock.
class FixedClock : public Clock {
 public:
  explicit FixedClock(Instant at) : at_(at) {}
  Instant Now() const override { return at_; }

 private:
  Instant at_;
};

}  // namespace rekindle
