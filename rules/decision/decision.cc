#include "rules/decision/decision.h"

#include <algorithm>
#include <array>

namespace rekindle {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(kLastReason) + 1>
    kReasonCodes = {"",           "repeat",     "no_consent",
                    "suppressed", "no_address", "missing_variable",
                    "ramp",       "per_run",    "outranked",
                    "capped",     "held_out",   "outside_window",
                    "holiday",    "missed",     "paused",
                    "approval",   "blast_guard"};

}  // namespace

std::string_view ReasonCode(Reason reason) {
  return kReasonCodes[static_cast<size_t>(reason)];
}

Reason ParseReason(std::string_view code) {
  const auto found = std::find(kReasonCodes.begin(), kReasonCodes.end(), code);
  return found == kReasonCodes.end()
             ? Reason::kNone
             : static_cast<Reason>(found - kReasonCodes.begin());
}

std::string_view DecisionName(Decision d) {
  switch (d) {
    case Decision::kSend:
      return "send";
    case Decision::kDefer:
      return "defer";
    case Decision::kHoldOut:
      return "hold_out";
    case Decision::kSkip:
      return "skip";
  }
  return "";
}

std::vector<std::string> ChannelSet::Names(const Rule& rule) const {
  std::vector<std::string> names;
  ForEach([&](size_t i) { names.push_back(rule.channels[i]); });
  return names;
}

std::string_view ChannelOf(const Rule& rule, const Candidate& c) {
  if (c.channels.Empty()) return "";
  return rule.channels[c.channels.First()];
}

std::string_view VariantOf(const Rule& rule, const Candidate& c) {
  if (c.variant == Candidate::kNoVariant) return "";
  return rule.variants[c.variant].id;
}

const std::string& TemplateOf(const Rule& rule, const Candidate& c) {
  return c.variant == Candidate::kNoVariant
             ? rule.template_id
             : rule.variants[c.variant].template_id;
}

}  // namespace rekindle
