// Polls one channel's provider for receipts, and has them written.
//
// A provider that is asked as a whole ("what is new?") is asked every `every`,
// and again at once while it has more. One that is asked about single touches
// is asked in rounds: each goes through the ledger once and asks about the
// touches that have come to one of their ages (ask_ages.h) since the round
// before, and about those that the round before had no answer to. So nothing
// needs to be remembered of a touch but what the ledger has; the first round
// after a start, or after the clock was set, asks about all.
//
// What an answer brought is kept until it is durable, and nothing else is asked
// meanwhile: many providers tell each thing once.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "channels/receipts/receipt_asker.h"
#include "config/base/stop_signal.h"
#include "daemon/polling/collected_receipts.h"
#include "daemon/polling/poll_log.h"
#include "daemon/polling/poll_stats.h"
#include "daemon/polling/touch_round.h"
#include "daemon/session/session.h"

namespace rekindle {

// One thread at a time; `stats` from any.
class ChannelPoll {
 public:
  // Distances are kept by a clock that never jumps.
  using Time = std::chrono::steady_clock::time_point;

  // All outlive it.
  ChannelPoll(Session& session, ReceiptCommitter& committer,
              std::string channel, const StopSignal& stop);
  // Writes what is not durable yet, or tells the log that it could not.
  ~ChannelPoll();

  // Asks what is due at `now` by the configuration in force, and returns when
  // to come again; a reload may make that earlier. The signal ends it soon.
  Time Work(Time now);

  PollStats stats() const;

 private:
  const PollSettings& poll() const { return *channel_->receipts->poll; }
  // `now` of Work, and what has passed since.
  Time Here() const;
  void Adopt(std::shared_ptr<const Configuration> configuration);
  // False where the provider must be left alone, or what came cannot be
  // written, or it is time to look at the configuration again.
  bool AskForAll();
  bool AskAboutTouches();
  bool MayGoOn() const;

  void BeginRound();
  void EndRound();
  // Counts, tells and collects. False where the provider is to be left alone.
  bool Take(const ReceiptQuestion& question, ReceiptReply reply);

  Session& session_;
  const std::string id_;
  const StopSignal& stop_;
  CollectedReceipts collected_;
  PollLog log_;

  std::shared_ptr<const Configuration> configuration_;
  const Channel* channel_ =
      nullptr;  // of the configuration, where it is polled
  std::unique_ptr<ReceiptAsker> asker_;

  Time now_, began_;              // of Work: as given, and as it was
  std::optional<Time> asked_at_;  // when all there was had been asked
  Time left_alone_until_{};
  bool left_alone_ = false;  // by the last questions

  std::optional<TouchRound> round_;  // under way
  std::optional<Instant> reached_;   // by the last whole round
  Time reached_at_{}, round_began_{};
  int64_t next_begin_ = 0;
  std::set<std::string> missed_;  // by the last whole round

  mutable std::mutex mutex_;  // guards the stats
  PollStats stats_;
};

}  // namespace rekindle
