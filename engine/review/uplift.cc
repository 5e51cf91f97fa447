#include "engine/review/uplift.h"

#include <cmath>

namespace rekindle {
namespace {

constexpr double kZ95 = 1.959963984540054;
constexpr double kSignificant = 0.05;
constexpr int64_t kEnough = 5;

struct Interval {
  double low = 0;
  double high = 0;
};

// Wilson's score interval of one share.
Interval Wilson(const ArmResult& arm) {
  const double n = static_cast<double>(arm.users);
  const double p = arm.rate();
  const double z2 = kZ95 * kZ95;
  const double centre = p + z2 / (2 * n);
  const double spread = kZ95 * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  const double scale = 1 + z2 / n;
  return {(centre - spread) / scale, (centre + spread) / scale};
}

// Two-sided, from the pooled share. Arms that agree entirely (all or nobody)
// have no spread to judge by: 1.
double PooledPValue(const ArmResult& a, const ArmResult& b) {
  const double na = static_cast<double>(a.users);
  const double nb = static_cast<double>(b.users);
  const double pooled = static_cast<double>(a.reached + b.reached) / (na + nb);
  const double variance = pooled * (1 - pooled) * (1 / na + 1 / nb);
  if (variance <= 0) return 1;
  const double z = (a.rate() - b.rate()) / std::sqrt(variance);
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

bool TooFew(const ArmResult& arm) {
  return arm.users == 0 ||
         (arm.reached < kEnough && arm.users - arm.reached < kEnough);
}

}  // namespace

std::optional<Uplift> ComputeUplift(const ArmResult& treated,
                                    const ArmResult& held_out) {
  if (treated.users == 0 || held_out.users == 0) return std::nullopt;
  const double p1 = treated.rate();
  const double p2 = held_out.rate();
  const Interval one = Wilson(treated);
  const Interval two = Wilson(held_out);
  Uplift uplift;
  uplift.difference = p1 - p2;
  uplift.low = uplift.difference - std::hypot(p1 - one.low, two.high - p2);
  uplift.high = uplift.difference + std::hypot(one.high - p1, p2 - two.low);
  uplift.p_value = PooledPValue(treated, held_out);
  return uplift;
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCollecting:
      return "collecting";
    case Verdict::kNoEffectSeen:
      return "no effect seen";
    case Verdict::kWorks:
      return "works";
    case Verdict::kHarms:
      return "harms";
  }
  return "";
}

// Interval and p-value rest on different approximations; a claim needs both,
// so that the verdict never contradicts a number shown beside it.
Verdict Judge(const ArmResult& treated, const ArmResult& held_out) {
  if (TooFew(treated) || TooFew(held_out)) return Verdict::kCollecting;
  const Uplift uplift = *ComputeUplift(treated, held_out);
  if (uplift.p_value >= kSignificant) return Verdict::kNoEffectSeen;
  if (uplift.low > 0) return Verdict::kWorks;
  if (uplift.high < 0) return Verdict::kHarms;
  return Verdict::kNoEffectSeen;
}

}  // namespace rekindle
