// One way through the ledger, asking about touches one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "channels/channel_factory.h"
#include "channels/receipts/receipt_asker.h"
#include "engine/engine.h"
#include "engine/ledger/unreported_touches.h"

namespace rekindle {

// One thread at a time.
class TouchRound {
 public:
  // Asks about the touches of the channel that came to one of their ages
  // (ask_ages.h) in (since, until]; without `since`, to any by then; and about
  // those of `again`, by their ids, whatever their age. `begin` is a place in
  // the ledger, 0 where none is known. REQUIRES: the channel is polled for each
  // touch.
  TouchRound(Engine& engine, const Channel& channel,
             std::optional<Instant> since, Instant until, int64_t begin,
             std::set<std::string> again);

  // The next questions, a hundred at most; none: the round is over. A touch
  // that was not Done comes again in the next ones, one that Failed only once
  // more. `channel` may have changed by a reload.
  std::vector<ReceiptQuestion> Next(const Channel& channel);
  // There was an answer, if only that the provider does not know of it.
  void Done(const std::string& touch_id) { done_.insert(touch_id); }
  // There was none. It is asked about once more, after the others; then the
  // round goes on without it.
  void Failed(const std::string& touch_id);

  // Once it is over:
  // Those without an answer, ten thousand at most.
  const std::set<std::string>& missed() const { return missed_; }
  int64_t waiting() const { return waiting_; }  // without a receipt
  int64_t next_begin() const { return touches_.next_begin(); }
  Instant until() const { return until_; }

 private:
  bool Wanted(const PollSettings& poll, const UnreportedTouch& touch);
  std::vector<ReceiptQuestion> QuestionsOf(
      const Channel& channel, const std::vector<UnreportedTouch>& touches);
  std::string AddressOf(const UserDirectory& users, const std::string& field,
                        const UnreportedTouch& touch) const;

  Engine& engine_;
  const std::optional<Instant> since_;
  const Instant until_;
  UnreportedTouches touches_;
  int64_t at_ = 0;                       // all before it are done
  int64_t next_at_ = 0;                  // behind the last questions
  std::vector<std::string> asked_;       // the last questions' touches
  std::set<std::string> done_, failed_;  // of those behind `at_`
  const std::set<std::string> again_;
  std::set<std::string> missed_;
  int64_t waiting_ = 0;
  int64_t counted_ = 0;  // the touch that was counted last
};

}  // namespace rekindle
