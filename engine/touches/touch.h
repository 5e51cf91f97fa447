// A touch: one planned contact of a rule with a user in a slot. Its life is in
// engine/ledger/README.md.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/calendar.h"
#include "engine/model/event.h"

namespace rekindle {

// Stored by name. Final are all but planned, claimed and unknown.
enum class TouchState {
  kPlanned,
  kClaimed,
  kAccepted,
  kFailed,
  kUnknown,
  kDelivered,
  kBounced,
  kOpened,
  kClicked,
  kDropped,
  kHeldOut,
};
inline constexpr std::array<TouchState, 11> kAllTouchStates = {
    TouchState::kPlanned, TouchState::kClaimed, TouchState::kAccepted,
    TouchState::kFailed,  TouchState::kUnknown, TouchState::kDelivered,
    TouchState::kBounced, TouchState::kOpened,  TouchState::kClicked,
    TouchState::kDropped, TouchState::kHeldOut};
std::string_view TouchStateName(TouchState state);  // "held_out"
std::optional<TouchState> ParseTouchState(std::string_view word);
bool IsFinal(TouchState state);

enum class Arm { kTreated, kHeldOut };
std::string_view ArmName(Arm arm);  // "treated", "held_out"

// The rendered message for one channel: template part keys and texts, in the
// order of the template.
struct ChannelContent {
  std::string channel;
  std::vector<std::pair<std::string, std::string>> parts;
};

// The id of the rule's touch to the user in the slot.
std::string TouchIdOf(std::string_view rule_id, std::string_view user_id,
                      Instant slot, int step);

// A planned touch, as the pipeline hands it to the ledger.
struct Touch {
  std::string touch_id;  // see TouchIdOf
  std::string rule_id;
  std::string rule_version;
  UserNumber user = kNoUser;
  Instant slot;
  int step = 0;
  Instant planned_at;  // the decision; goal windows start here
  Instant due_at;      // when it may leave; later than planned_at if deferred
  Instant expires_at;  // not sent after this
  // From then on it may not leave before windows, holidays and caps are looked
  // at again; nothing: it may leave at any time.
  std::optional<Instant> closes_at;
  Arm arm = Arm::kTreated;
  std::string variant;  // empty: none
  std::string template_id;
  std::string topic;      // empty: none asked
  bool marketing = true;  // class: counts for caps
  // The channels it may go through, by preference, with their texts; those of
  // a held-out touch are not kept, only which it would have gone through.
  std::vector<ChannelContent> contents;
  // Used in place of `contents` where many touches have the same.
  std::shared_ptr<const std::vector<ChannelContent>> shared_contents;
  // Where the tracked links in the texts lead, from 1.
  std::vector<std::string> links;
  std::string goal;  // a behavior's name; empty: none
  std::optional<Instant> goal_until;
};

}  // namespace rekindle
