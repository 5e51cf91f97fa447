#include "channels/adapter/adapter.h"

#include <poll.h>

namespace rekindle {

std::string_view OutcomeClassName(OutcomeClass c) {
  switch (c) {
    case OutcomeClass::kAccepted:
      return "accepted";
    case OutcomeClass::kDeadRecipient:
      return "dead_recipient";
    case OutcomeClass::kTemporary:
      return "temporary";
    case OutcomeClass::kAccount:
      return "account";
    case OutcomeClass::kBadMessage:
      return "bad_message";
    case OutcomeClass::kUnknown:
      return "unknown";
  }
  return "unknown";
}

void AwaitMore(const Outbox& outbox) {
  pollfd ready{outbox.ready_fd(), POLLIN, 0};
  poll(&ready, 1, static_cast<int>(outbox.patience().count()));
}

}  // namespace rekindle
