// What a rule decides for one matched user, and why.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/phrase.h"
#include "engine/model/event.h"
#include "rules/definition/rule.h"

namespace rekindle {

// Why a matched user gets no touch, a touch waits, or a slot is not worked
// (rules/README.md, "Stages and reasons"). Codes are stored and shown: do not
// rename.
enum class Reason : uint8_t {
  kNone,
  kRepeat,
  kNoConsent,
  kSuppressed,
  kNoAddress,
  kMissingVariable,
  kRamp,
  kPerRun,
  kOutranked,
  kCapped,
  kHeldOut,
  kOutsideWindow,
  kHoliday,
  // of whole slots
  kMissed,
  kPaused,
  kApproval,
  kBlastGuard,
};
inline constexpr Reason kLastReason = Reason::kBlastGuard;
std::string_view ReasonCode(Reason reason);  // "no_consent"; "" for kNone
Reason ParseReason(std::string_view code);   // kNone for any other text

enum class Decision : uint8_t { kSend, kDefer, kHoldOut, kSkip };
std::string_view DecisionName(Decision d);  // "send" "defer" "hold_out" "skip"

// Channels of one rule, bit i being the i-th by preference.
class ChannelSet {
 public:
  static ChannelSet All(const Rule& rule) {
    ChannelSet set;
    for (size_t i = 0; i < rule.channels.size(); ++i) set.Add(i);
    return set;
  }
  bool Empty() const { return bits_ == 0; }
  bool Contains(size_t i) const { return (bits_ >> i & 1) != 0; }
  void Add(size_t i) { bits_ |= uint32_t{1} << i; }
  void Remove(size_t i) { bits_ &= ~(uint32_t{1} << i); }
  // The most preferred. REQUIRES: not empty.
  size_t First() const { return std::countr_zero(bits_); }
  template <class F>  // f(i), by preference
  void ForEach(F&& f) const {
    for (uint32_t left = bits_; left != 0; left &= left - 1) {
      f(static_cast<size_t>(std::countr_zero(left)));
    }
  }
  std::vector<std::string> Names(const Rule& rule) const;
  friend bool operator==(const ChannelSet&, const ChannelSet&) = default;
  friend auto operator<=>(const ChannelSet&, const ChannelSet&) = default;

 private:
  uint32_t bits_ = 0;
};

// A matched user on the way through the stages. Small, as there may be millions
// of them; what it names stands in its rule.
struct Candidate {
  static constexpr int16_t kNoVariant = -1;

  Instant due_at;
  UserNumber user = kNoUser;
  ChannelSet channels;  // those that can reach the user
  int16_t variant = kNoVariant;
  Decision decision = Decision::kSend;
  Reason reason = Reason::kNone;
};

// Still to be sent, now or later.
inline bool IsOpen(const Candidate& c) {
  return c.decision == Decision::kSend || c.decision == Decision::kDefer;
}
// Sent or held out: a row of the ledger. Skips are none.
inline bool IsTouch(const Candidate& c) {
  return c.decision != Decision::kSkip;
}

// The channel, variant and template of the candidate's touch; empty where it
// has none.
std::string_view ChannelOf(const Rule& rule, const Candidate& c);
std::string_view VariantOf(const Rule& rule, const Candidate& c);
const std::string& TemplateOf(const Rule& rule, const Candidate& c);

// One stage's verdict on one user, for explain.
struct StageFinding {
  std::string stage;  // "repeat", "consent", ...
  bool passed = true;
  std::string reason;  // its code where not passed
  Phrase detail;       // the values compared
};

}  // namespace rekindle
