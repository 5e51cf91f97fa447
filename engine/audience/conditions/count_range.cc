#include "engine/audience/conditions/count_range.h"

#include <fmt/format.h>

#include <algorithm>

namespace rekindle {
namespace {

constexpr int64_t kMost = 1'000'000'000;

std::optional<int> ParseCount(const yaml::Node& node, yaml::Diagnostics& d,
                              std::string_view what) {
  const auto count = node.AsInteger(d, what);
  if (!count) return std::nullopt;
  if (*count < 0 || *count > kMost) {
    d.Error(node.position(), fmt::format("{} must be between 0 and {}, not {}",
                                         what, kMost, *count));
    return std::nullopt;
  }
  return static_cast<int>(*count);
}

void Narrow(const std::string& op, int count, CountRange* range) {
  if (op == "eq" || op == "gt" || op == "gte") {
    range->at_least = std::max(range->at_least, op == "gt" ? count + 1 : count);
  }
  if (op == "eq" || op == "lt" || op == "lte") {
    range->at_most = std::min(range->at_most, op == "lt" ? count - 1 : count);
  }
}

}  // namespace

std::string CountRange::Text(std::string_view one,
                             std::string_view many) const {
  const auto counted = [&](int count) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
  };
  if (at_least == at_most) return counted(at_least);
  if (at_most == kMany) return "at least " + counted(at_least);
  if (at_least == 0) return "at most " + counted(at_most);
  return fmt::format("{} to {}", at_least, counted(at_most));
}

std::optional<CountRange> ParseCountRange(const yaml::Node& node,
                                          yaml::Diagnostics& d,
                                          std::string_view what) {
  if (node.IsScalar()) {
    const auto count = ParseCount(node, d, what);
    if (!count) return std::nullopt;
    return CountRange{*count, *count};
  }
  if (!node.IsMap() || node.Entries().empty()) {
    d.Error(node.position(),
            fmt::format("{} must be a number, or a comparison like {{gte: 3}}",
                        what));
    return std::nullopt;
  }
  CountRange range;
  bool good = true;
  for (const auto& [key, value] : node.Entries()) {
    if (!yaml::CheckKnown(key, d, "operator",
                          {"eq", "gt", "gte", "lt", "lte"})) {
      good = false;
      continue;
    }
    const auto count =
        ParseCount(value, d, fmt::format("{} {}", what, key.text()));
    good &= count.has_value();
    if (count) Narrow(key.text(), *count, &range);
  }
  if (good && range.at_least > range.at_most) {
    d.Error(node.position(), fmt::format("{} can never hold: no number is in "
                                         "this range",
                                         what));
    good = false;
  }
  if (!good) return std::nullopt;
  return range;
}

}  // namespace rekindle
