// What polling one channel's provider for receipts counts.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "channels/receipts/receipt_asker.h"

namespace rekindle {

inline constexpr std::array kReplyKinds = {
    ReceiptReply::Kind::kAnswered, ReceiptReply::Kind::kNoAnswer,
    ReceiptReply::Kind::kRefused, ReceiptReply::Kind::kUnreadable};

inline std::string_view ReplyKindName(ReceiptReply::Kind kind) {
  switch (kind) {
    case ReceiptReply::Kind::kAnswered:
      return "answered";
    case ReceiptReply::Kind::kNoAnswer:
      return "no_answer";
    case ReceiptReply::Kind::kRefused:
      return "refused";
    case ReceiptReply::Kind::kUnreadable:
      break;
  }
  return "unreadable";
}

struct PollStats {
  std::array<int64_t, kReplyKinds.size()> asked = {};  // by kind of the reply
  int64_t receipts = 0;  // that answers brought, known ones included
  int64_t waiting = 0;   // touches without a receipt when last looked at
  bool failing = false;  // the provider gave no answer that will do
};

}  // namespace rekindle
