#include "engine/ledger/receipt.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

namespace rekindle {
namespace {

constexpr std::array<std::string_view, 9> kNames = {
    "accepted", "deferred", "delivered",  "undelivered", "bounced",
    "opened",   "clicked",  "complained", "unsubscribed"};

}  // namespace

std::string_view ReceiptStateName(ReceiptState state) {
  return kNames[static_cast<size_t>(state)];
}

std::optional<ReceiptState> ParseReceiptState(std::string_view word) {
  if (word == "sent") return ReceiptState::kAccepted;
  const auto found = std::find(kNames.begin(), kNames.end(), word);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ReceiptState>(found - kNames.begin());
}

std::vector<std::string> ReceiptStateNames() {
  return {kNames.begin(), kNames.end()};
}

TouchState StateAfter(TouchState now, const std::set<ReceiptState>& known) {
  const auto any = [&](std::initializer_list<ReceiptState> states) {
    return std::any_of(states.begin(), states.end(), [&](ReceiptState state) {
      return known.contains(state);
    });
  };
  const bool arrived = any({ReceiptState::kDelivered, ReceiptState::kOpened,
                            ReceiptState::kClicked, ReceiptState::kComplained,
                            ReceiptState::kUnsubscribed});
  const bool gave_up =
      now == TouchState::kFailed || now == TouchState::kDropped;
  if (gave_up && !arrived) return now;
  if (any({ReceiptState::kClicked})) return TouchState::kClicked;
  if (any({ReceiptState::kOpened})) return TouchState::kOpened;
  if (any({ReceiptState::kBounced, ReceiptState::kUndelivered})) {
    return TouchState::kBounced;
  }
  if (arrived) return TouchState::kDelivered;
  if (any({ReceiptState::kAccepted}) && !IsFinal(now)) {
    return TouchState::kAccepted;
  }
  return now;
}

}  // namespace rekindle
