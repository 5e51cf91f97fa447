// What a rule decides for one matched user, and why.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audience/condition.h"
#include "engine/ledger/touch.h"

namespace rekindle {

// Why a matched user gets no touch, or a touch waits (design.md 2.6). Codes
// are stored and shown: do not rename.
enum class Reason {
  kNone,
  kRepeat,
  kNoConsent,
  kSuppressed,
  kNoAddress,
  kMissingVariable,
  kPerRun,
  kOutranked,
  kCapped,
  kHeldOut,
  kOutsideWindow,
};
std::string_view ReasonCode(Reason reason);  // "no_consent"; "" for kNone

enum class Decision { kSend, kDefer, kHoldOut, kSkip };
std::string_view DecisionName(Decision d);  // "send" "defer" "hold_out" "skip"

// A matched user on the way through the stages.
struct Candidate {
  UserNumber user = kNoUser;
  Decision decision = Decision::kSend;
  Reason reason = Reason::kNone;
  std::string detail;                 // the values compared, for explain
  std::vector<std::string> channels;  // that can reach the user, by preference
  std::string variant;
  std::string template_id;
  std::vector<ChannelContent> contents;
  Instant due_at;
};

// One stage's verdict on one user, for explain.
struct StageFinding {
  std::string stage;  // "repeat", "consent", ...
  bool passed = true;
  std::string reason;  // its code where not passed
  std::string detail;  // the values compared
};

}  // namespace rekindle
