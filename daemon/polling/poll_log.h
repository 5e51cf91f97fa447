// Tells the log how polling goes: each trouble once, until it changes.
#pragma once

#include <string>

#include "channels/receipts/receipt_asker.h"

namespace rekindle {

// One thread at a time.
class PollLog {
 public:
  explicit PollLog(std::string channel) : channel_(std::move(channel)) {}

  void Answered();
  void Trouble(const ReceiptReply& reply);
  // A trouble of one touch alone. It is over when a round has none.
  void TroubleOf(const std::string& touch_id, const ReceiptReply& reply);
  void RoundIsOver();

 private:
  const std::string channel_;
  std::string trouble_;  // as told last; empty: none
  std::string trouble_of_touch_;
  bool touch_in_trouble_ = false;  // in this round
};

}  // namespace rekindle
