// The keys of a channel that every type has: how fast, when, how stubbornly, at
// what price, and who is told. channels/README.md explains each.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/base/day_span.h"
#include "config/yaml/node.h"

namespace rekindle {

// How long a channel is left alone after an account error, where the provider
// does not say: people must act first.
inline constexpr std::chrono::minutes kAccountPause{5};

struct RetrySettings {
  std::chrono::milliseconds first{1000};  // doubled with each try
  std::chrono::milliseconds most{5 * 60'000};
  int tries = 0;  // of a touch through this channel; 0: until it expires
};

struct CircuitSettings {
  int after = 20;  // touches in a row that got no clear answer
  std::chrono::seconds pause{60};
};

struct DeliverySettings {
  double per_second = 0;  // 0: as fast as it goes
  std::optional<int64_t> per_day;
  std::optional<DaySpan> hours;
  RetrySettings retry;
  CircuitSettings circuit;
  int64_t cost = 0;    // of an accepted message, in millionths
  std::string notify;  // the channel that is told of its troubles; empty: none
};

// Takes `rate`, `hours`, `retry`, `circuit`, `cost` and `notify`.
DeliverySettings TakeDelivery(yaml::Section& channel);

}  // namespace rekindle
