#include "rules/decision.h"

namespace rekindle {

std::string_view ReasonCode(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kRepeat:
      return "repeat";
    case Reason::kNoConsent:
      return "no_consent";
    case Reason::kSuppressed:
      return "suppressed";
    case Reason::kNoAddress:
      return "no_address";
    case Reason::kMissingVariable:
      return "missing_variable";
    case Reason::kPerRun:
      return "per_run";
    case Reason::kOutranked:
      return "outranked";
    case Reason::kCapped:
      return "capped";
    case Reason::kHeldOut:
      return "held_out";
    case Reason::kOutsideWindow:
      return "outside_window";
  }
  return "";
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

}  // namespace rekindle
