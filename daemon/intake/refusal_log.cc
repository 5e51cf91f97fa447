#include "daemon/intake/refusal_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "engine/intake/message_json.h"
#include "engine/users/forgotten_ids.h"

namespace rekindle {
namespace {

constexpr size_t kRemembered = 50;
constexpr auto kBetweenLines = std::chrono::minutes(1);

// Read by `rekindle import` it means what it meant here.
RejectedRow ToRow(const Call& call, const RefusedMessage& message) {
  return {.file = std::string(call.path),
          .line = message.place.item,
          .reason = message.reason,
          .what = ImportWhat::kEvents,
          .format = ImportFormat::kNdjson,
          .header = "",
          .record = WithFrame(message.place.text, call.Frame())};
}

}  // namespace

void RefusalLog::Keep(const std::vector<const Call*>& calls, Instant now) {
  std::vector<RejectedRow> rows;
  int64_t refused = 0;
  for (const Call* call : calls) {
    for (const RefusedMessage& message : call->refused) {
      ++refused;
      if (message.reason != kForgottenReason) {
        rows.push_back(ToRow(*call, message));
      }
    }
  }
  if (refused == 0) return;
  AppendToDeadLetter(data_dir_, rows, now);
  std::lock_guard lock(mutex_);
  for (const Call* call : calls) {
    for (const RefusedMessage& message : call->refused) {
      // One line speaks for all that is behind it.
      const bool first = message.place.item == kMostMessages + 1;
      if (message.refusal == Refusal::kSurplus && !first) continue;
      Remember(*call, message, now);
    }
  }
  TellLog(refused, now);
}

void RefusalLog::Remember(const Call& call, const RefusedMessage& message,
                          Instant now) {
  latest_.push_front({now, std::string(call.path), message.place.item,
                      message.refusal, message.reason});
  if (latest_.size() > kRemembered) latest_.pop_back();
}

void RefusalLog::TellLog(int64_t refused, Instant now) {
  untold_ += refused;
  if (now - told_at_ < kBetweenLines) return;
  const LatestRefusal& latest = latest_.front();
  spdlog::warn(
      "intake: {} refused (see the dead letter); the latest: {} message {}: {}",
      untold_ == 1 ? "1 message was" : fmt::format("{} messages were", untold_),
      latest.path, latest.item, latest.reason);
  told_at_ = now;
  untold_ = 0;
}

std::vector<LatestRefusal> RefusalLog::Latest() const {
  std::lock_guard lock(mutex_);
  return {latest_.begin(), latest_.end()};
}

}  // namespace rekindle
