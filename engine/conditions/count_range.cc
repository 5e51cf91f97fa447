#include "engine/conditions/count_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/base/duration.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

constexpr int64_t kMost = 1'000'000'000;

const std::vector<std::string>& Operators() {
  static const std::vector<std::string> operators = {"eq", "gt", "gte", "lt",
                                                     "lte"};
  return operators;
}

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

// The tighter of two bounds; at the same number, the one that leaves it out.
void NarrowNumber(const std::string& op, double number, NumberRange* range) {
  if (op == "eq" || op == "gt" || op == "gte") {
    const bool open = op == "gt";
    if (number > range->low || (number == range->low && open)) {
      range->low = number;
      range->above_low = open;
    }
  }
  if (op == "eq" || op == "lt" || op == "lte") {
    const bool open = op == "lt";
    if (number < range->high || (number == range->high && open)) {
      range->high = number;
      range->below_high = open;
    }
  }
}

// The operators of a section, each read by `parse` and put into the range by
// `narrow`. A range that leaves nothing is reported.
template <class Range, class Parse, class Narrow, class Possible>
std::optional<Range> TakeRange(yaml::Section& section, std::string_view what,
                               Parse parse, Narrow narrow, Possible possible) {
  yaml::Diagnostics& d = section.diagnostics();
  const int errors_before = d.errors();
  Range range;
  bool any = false;
  for (const std::string& op : Operators()) {
    const auto node = section.Take(op);
    if (!node) continue;
    any = true;
    const auto bound = parse(*node, d, fmt::format("{} {}", what, op));
    if (bound) narrow(op, *bound, &range);
  }
  if (!section.valid() || d.errors() != errors_before) return std::nullopt;
  if (any && possible(range)) return range;
  d.Error(
      section.node().position(),
      any ? fmt::format("{} can never hold: no number is in this range", what)
          : fmt::format("{} needs a comparison: {}", what, OneOf(Operators())));
  return std::nullopt;
}

}  // namespace

Phrase CountOf(int count) { return count; }

Phrase CountOfDays(int count) {
  return PhraseOf(Duration{count, DurationUnit::kDay});
}

Phrase CountOfTimes(int count) {
  return count == 1 ? Phrase("{} time", count) : Phrase("{} times", count);
}

Phrase CountRange::Text(Phrase (*counted)(int)) const {
  if (at_least == at_most) return counted(at_least);
  if (at_most == kMany) return Phrase("at least {}", counted(at_least));
  if (at_least == 0) return Phrase("at most {}", counted(at_most));
  return Phrase("{} to {}", at_least, counted(at_most));
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
  yaml::NoteKeys(node, d, Operators());
  for (const auto& [key, value] : node.Entries()) {
    if (!yaml::CheckKnown(key, d, "operator", Operators())) return std::nullopt;
  }
  yaml::Section section(node, d, std::string(what));
  return TakeCountRange(section, what);
}

std::optional<CountRange> TakeCountRange(yaml::Section& section,
                                         std::string_view what) {
  return TakeRange<CountRange>(
      section, what, ParseCount, Narrow,
      [](const CountRange& range) { return range.at_least <= range.at_most; });
}

Phrase NumberRange::Text() const {
  if (low == high) return fmt::format("eq {}", low);
  std::vector<std::string> bounds;
  if (std::isfinite(low)) {
    bounds.push_back(fmt::format("{} {}", above_low ? "gt" : "gte", low));
  }
  if (std::isfinite(high)) {
    bounds.push_back(fmt::format("{} {}", below_high ? "lt" : "lte", high));
  }
  return Joined("{} and {}", bounds);
}

std::optional<NumberRange> TakeNumberRange(yaml::Section& section,
                                           std::string_view what) {
  return TakeRange<NumberRange>(
      section, what,
      [](const yaml::Node& node, yaml::Diagnostics& d, std::string_view name) {
        return node.AsNumber(d, name);
      },
      NarrowNumber,
      [](const NumberRange& range) {
        return range.low < range.high ||
               (range.low == range.high && range.Holds(range.low));
      });
}

}  // namespace rekindle
