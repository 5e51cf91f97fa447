#include "rules/blast_guard.h"

#include <fmt/format.h>

#include <algorithm>

namespace rekindle {
namespace {

std::string RangeText(const std::string& least, const std::string& most) {
  return least + ".." + most;
}

std::string UsersText(const std::optional<int64_t>& users) {
  return users ? std::to_string(*users) : "";
}

std::string ShareText(const std::optional<double>& share) {
  return share ? fmt::format("{:.4g}%", *share * 100) : "";
}

std::optional<Phrase> ExpectProblem(const Expect& expect, int64_t eligible,
                                    int64_t known) {
  if (eligible < expect.least_users.value_or(eligible) ||
      eligible > expect.most_users.value_or(eligible)) {
    return Phrase(
        "{} users may be reached; expected are {}", eligible,
        RangeText(UsersText(expect.least_users), UsersText(expect.most_users)));
  }
  const double share =
      known == 0 ? 0
                 : static_cast<double>(eligible) / static_cast<double>(known);
  if (share < expect.least_share.value_or(share) ||
      share > expect.most_share.value_or(share)) {
    return Phrase(
        "{} users may be reached, {}% of all known; expected are {}", eligible,
        fmt::format("{:.4g}", share * 100),
        RangeText(ShareText(expect.least_share), ShareText(expect.most_share)));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Phrase> BlastGuardProblem(const Rule& rule, int64_t eligible,
                                        int64_t known,
                                        std::optional<int64_t> most_before) {
  if (rule.expect) return ExpectProblem(*rule.expect, eligible, known);
  if (!most_before) return std::nullopt;
  if (eligible <= kGuardTimes * std::max(kGuardFloor, *most_before)) {
    return std::nullopt;
  }
  return Phrase(
      "{} users may be reached, more than {} times the {} of the largest of "
      "the last {} slots",
      eligible, kGuardTimes, *most_before, kGuardSlots);
}

}  // namespace rekindle
