// Messages that the intake refused: all of them in the day's dead letter, so
// that they can be mended and imported again, the latest also in memory, for
// the pages.
#pragma once

#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/intake/call.h"
#include "engine/intake/dead_letter.h"

namespace rekindle {

// What is shown of a refused message: never its content.
struct LatestRefusal {
  Instant at;
  std::string path;
  int64_t item = 0;
  Refusal refusal = Refusal::kUnreadable;
  std::string reason;
};

// Thread-safe.
class RefusalLog {
 public:
  explicit RefusalLog(std::filesystem::path data_dir)
      : data_dir_(std::move(data_dir)) {}

  // Keeps what was refused of the calls, durably when it returns; a message of
  // a forgotten user is kept nowhere. Failures of the disk are
  // std::system_error.
  void Keep(const std::vector<const Call*>& calls, Instant now);

  // Newest first.
  std::vector<LatestRefusal> Latest() const;

 private:
  void Remember(const Call& call, const RefusedMessage& message, Instant now);
  // At most one line a minute.
  void TellLog(int64_t refused, Instant now);

  const std::filesystem::path data_dir_;
  mutable std::mutex mutex_;  // guards the members below
  std::deque<LatestRefusal> latest_;
  Instant told_at_{};
  int64_t untold_ = 0;
};

}  // namespace rekindle
