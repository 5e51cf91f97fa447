// Did a rule work: the difference of two rates with its interval and p-value.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rekindle {

struct ArmResult {
  int64_t users = 0;
  int64_t reached = 0;
  double rate() const {
    return users == 0 ? 0 : static_cast<double>(reached) / users;
  }
};

struct Uplift {
  double difference = 0;     // treated minus held out
  double low = 0, high = 0;  // 95 % interval
  double p_value = 1;        // two-sided
};

// Interval: Newcombe's hybrid score interval (method 10; Statistics in
// Medicine 17, 1998, 873-890), which keeps its coverage for small arms and
// rates near 0; p-value: pooled two-proportion z test. Nothing where an arm is
// empty.
std::optional<Uplift> ComputeUplift(const ArmResult& treated,
                                    const ArmResult& held_out);

enum class Verdict { kCollecting, kNoEffectSeen, kWorks, kHarms };
std::string_view VerdictName(Verdict verdict);
// collecting: an arm is empty (as long as no window has closed, say), or has
// fewer than 5 users who reached the goal and fewer than 5 who did not.
Verdict Judge(const ArmResult& treated, const ArmResult& held_out);

}  // namespace rekindle
