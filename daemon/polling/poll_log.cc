#include "daemon/polling/poll_log.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace rekindle {
namespace {

std::string Words(const ReceiptReply& reply) {
  return reply.detail.empty() ? reply.problem
                              : reply.problem + ": " + reply.detail;
}

}  // namespace

void PollLog::Answered() {
  if (trouble_.empty()) return;
  spdlog::info("channel {}: receipts can be asked for again", channel_);
  trouble_.clear();
}

void PollLog::Trouble(const ReceiptReply& reply) {
  if (reply.problem == trouble_) return;
  spdlog::error("channel {}: asking for receipts: {}; trying again", channel_,
                Words(reply));
  trouble_ = reply.problem;
}

void PollLog::TroubleOf(const std::string& touch_id,
                        const ReceiptReply& reply) {
  touch_in_trouble_ = true;
  if (reply.problem == trouble_of_touch_) return;
  spdlog::warn(
      "channel {}: asking for the receipts of touch {}: {}; the same of others "
      "is not told again",
      channel_, touch_id, Words(reply));
  trouble_of_touch_ = reply.problem;
}

void PollLog::RoundIsOver() {
  if (!std::exchange(touch_in_trouble_, false)) trouble_of_touch_.clear();
}

}  // namespace rekindle
