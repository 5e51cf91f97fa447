// A receipt: what a channel reports of a touch after it took it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"
#include "engine/touches/touch.h"

namespace rekindle {

// Stored by name.
enum class ReceiptState {
  kAccepted,  // the provider has it
  kDeferred,  // the provider goes on trying; changes nothing
  kDelivered,
  kUndelivered,  // it did not arrive; the address may be fine
  kBounced,      // it did not arrive, and nothing will: the address is dead
  kOpened,
  kClicked,
  kComplained,  // reported as spam
  kUnsubscribed,
};
std::string_view ReceiptStateName(ReceiptState state);  // "delivered"
// "sent" is another word for "accepted".
std::optional<ReceiptState> ParseReceiptState(std::string_view word);
// All of them, for messages.
std::vector<std::string> ReceiptStateNames();

// The state of a touch that left, once all of these are known of it; `now` is
// its state before. The order they came in does not matter: clicked and opened
// prove most, then a bounce, which may follow a delivery. A complaint or an
// unsubscription proves that it arrived. A touch that failed by the channel's
// first answer stays failed unless it arrived after all.
TouchState StateAfter(TouchState now, const std::set<ReceiptState>& known);

struct Receipt {
  // The channel it comes from. Empty: the touch's own (files of results).
  std::string channel;
  // Either names the touch; where both do, the first that is known does.
  std::string touch_id;
  std::string provider_id;  // the provider's id of the message
  ReceiptState state = ReceiptState::kDelivered;
  std::string recipient;  // the address it is about; may be empty
  std::string code;       // as the provider puts it: "5.1.1", "DELIVRD"
  std::string detail;     // for people; no secrets, no addresses
  Instant at;             // when it happened
  // For kUnsubscribed: from the whole channel, not from the topic alone.
  bool whole_channel = false;
  // For kUnsubscribed: the user asked on our own page. It takes effect each
  // time, as they may have consented anew in between.
  bool in_person = false;
};

// What became of a receipt.
enum class ReceiptFate {
  kTaken,     // noted, and the touch's state changed if need be
  kRepeated,  // it was known before
  kUnknown,   // no touch of that id, or not of that channel: kept, until there
              // is one
  kNotSent,   // the touch never left: nothing can have become of it
};

}  // namespace rekindle
