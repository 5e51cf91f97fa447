// Touches that left through a channel, and of which nothing final has been
// reported since: those to ask the provider about.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/store/store.h"
#include "engine/touches/touch.h"

namespace rekindle {

struct UnreportedTouch {
  int64_t id = 0;
  std::string touch_id, rule_id;
  UserNumber user = kNoUser;
  Instant slot;
  std::string provider_id;   // empty: the provider gave none
  std::string address_hash;  // AddressHash of what it went to; or empty
  Instant sent_at;           // when the provider took it, or may have
};

// Goes through the ledger in order, a bounded piece at a time, so that nobody
// waits long for the store. Touches get their places in the order in which they
// are planned.
class UnreportedTouches {
 public:
  // Leaves out touches sent before `from`, or planned over a month before it.
  UnreportedTouches(const Store& store, std::string channel, Instant from);

  // Gives the next touches from the place `at` on for which `wanted` is true,
  // up to `limit`, and sets `at` to the place behind them. A piece may give
  // fewer than `limit`, even none, before the end, which done() tells.
  std::vector<UnreportedTouch> Next(
      int64_t* at, size_t limit,
      const std::function<bool(const UnreportedTouch&)>& wanted);
  // Nothing is left behind the place.
  bool done(int64_t at) const { return at > last_; }

  // The place to begin at the first time.
  int64_t begin() const { return begin_; }
  // Once it is done: the place to begin at the next time. All touches before
  // it have ended or were sent too long ago, and stay so.
  int64_t next_begin() const { return first_open_.value_or(last_ + 1); }

 private:
  const Store& store_;
  const std::string channel_;
  const Instant from_;
  int64_t begin_ = 0;
  int64_t last_ = 0;
  std::optional<int64_t> first_open_;
};

}  // namespace rekindle
