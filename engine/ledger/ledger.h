// What was sent, to whom, and what became of it: touches and their goals; slots
// and channels by slots() and channels().
//
// README.md has the life of a touch. `claimed` is durable before the first byte
// leaves; a touch is unique by (rule, user, slot, step) and its id is a
// function of those, so a slot planned again cannot double it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "config/base/day_span.h"
#include "engine/conditions/facts.h"
#include "engine/consent/consent.h"
#include "engine/ledger/channel_book.h"
#include "engine/ledger/receipt.h"
#include "engine/ledger/slot_book.h"
#include "engine/store/statements.h"
#include "engine/store/store.h"
#include "engine/touches/touch.h"
#include "engine/users/user_directory.h"

namespace rekindle {

// A touch on its way out, as the dispatcher gets it from Claim.
struct ClaimedTouch {
  std::string touch_id;
  std::string rule_id;
  Instant slot;
  Instant planned_at;
  std::string user_id;
  UserNumber user = kNoUser;
  std::string channel;
  std::string address;  // empty for channels without an address field
  std::vector<std::pair<std::string, std::string>> parts;
  int attempt = 1;  // 1 is the first
  Instant expires_at;
  int tries = 1;        // attempts through this channel, this one included
  bool repeat = false;  // an earlier attempt may have been sent
  int64_t row = 0;      // the ledger's own number
};

// The result of an attempt, as the dispatcher reports it.
struct AttemptResult {
  std::string touch_id;
  TouchState state = TouchState::kAccepted;  // accepted, failed, unknown, or
                                             // planned (to be tried again)
  std::string reason;  // class name: "bad_message", "dead_recipient", ...
  std::string detail;  // the provider's words, secrets and addresses masked
  std::string provider_id;
  std::optional<Instant> try_again_at;  // with state planned
  int64_t row = 0;   // ClaimedTouch::row; 0: found by touch_id, which is slower
  int64_t cost = 0;  // of an accepted message, in millionths
};

// What Claim must know of a channel.
struct ClaimChannel {
  std::string id;
  std::string address_field;  // profile key; empty: none needed
  bool deduplicates = false;  // by touch id: unknown ones may be sent again
  std::optional<int64_t> per_day;  // handed over a local day, retries included
  std::optional<DaySpan> hours;    // when it may send, in the user's zone
};

// Which unknown touches are settled, and as what. Every condition given must
// hold.
struct SettleAsk {
  enum class As { kAccepted, kFailed, kResend };
  As as = As::kAccepted;
  std::vector<std::string> touch_ids;  // empty: all that the rest names
  std::optional<std::string> channel;
  std::optional<std::string> rule_id;
  std::optional<Instant> slot;
  bool dry_run = false;
  std::string who;      // for the record
  std::string subject;  // likewise: what was asked for, in short
};

// A goal behavior that happened.
struct GoalEvent {
  UserNumber user = kNoUser;
  std::string behavior;
  Instant at;
};

struct TouchFilter {
  std::optional<std::string> rule_id;
  std::optional<UserNumber> user;
  std::optional<TouchState> state;
  std::optional<Instant> slot;
  int64_t limit = 100;  // 0: all
  int64_t offset = 0;   // newest first
};

struct TouchRow {
  std::string touch_id, rule_id, user_id;
  Instant slot, planned_at, due_at;
  Arm arm = Arm::kTreated;
  std::string variant, channel;
  TouchState state = TouchState::kPlanned;
  std::string reason;
  std::optional<Instant> goal_at;
  int attempts = 0;
  std::string detail;
};

// Thread-safe. `db` parameters read or write inside the caller's transaction of
// the store. Lock order: the engine's snapshot before the store. Functions that
// take or give user ids or numbers read the directory: hold a snapshot
// meanwhile.
class Ledger {
 public:
  Ledger(Store& store, UserDirectory& users);

  // The key that signs the tokens of touches, and hashes the addresses they
  // went to. Made once for each data folder.
  const std::string& key() const { return key_; }
  // Slots and whom they skipped.
  SlotBook& slots() { return slots_; }
  const SlotBook& slots() const { return slots_; }
  // Counts, holds and operators' actions, by channel.
  ChannelBook& channels() { return channels_; }
  const ChannelBook& channels() const { return channels_; }

  // --- planning
  // Writes planned touches. A touch that is there already, by id or by (rule,
  // user, slot, step), stays as it is.
  void Insert(SQLite::Database& db, std::span<const Touch> touches);
  // The same for many: `next` gives one after the other (it may be the same
  // object with other values), then nullptr.
  void Insert(SQLite::Database& db, const std::function<const Touch*()>& next);
  // Users with a touch of this very slot.
  UserSet InSlot(SQLite::Database& db, const std::string& rule_id,
                 Instant slot) const;
  // Calls f(user, planned_at) for each touch of the rule planned at or after
  // `from`, whatever became of it, but for those of `except_slot`.
  void RuleTouches(SQLite::Database& db, const std::string& rule_id,
                   std::optional<Instant> from, Instant except_slot,
                   const std::function<void(UserNumber, Instant)>& f) const;
  // Calls f(user, due_at) for each marketing touch due at or after `from` that
  // takes room in a cap: not failed, not dropped. With `channel` only those
  // that go through it or may yet fall back to it; with `user` only that
  // user's.
  void CappedTouches(SQLite::Database& db, Instant from,
                     const std::optional<std::string>& channel,
                     std::optional<UserNumber> user,
                     const std::function<void(UserNumber, Instant)>& f) const;

  // --- delivery
  // Takes up to `limit` due touches of the channel, the rules in turns so that
  // none waits for another's many, checks them once more in the same
  // transaction and marks those that pass claimed, durably. The others are
  // dropped with a reason (suppressed, no_consent, expired, came_back,
  // rule_changed, no_address), and their number is added to `dropped`.
  // `live_rules` are the ids of the rules in force: a touch of any other is
  // rule_changed. Where only this channel cannot send (suppressed, refused, no
  // address) and the touch has a further one, it moves on to that and stays
  // planned. Outside the channel's hours a touch is put off to their next
  // opening; a held channel, and one whose `per_day` is used up, gives nothing.
  // Unknown touches are taken again only where the channel deduplicates, a
  // minute after an unknown outcome; one that fails a check stays unknown and
  // is not taken again. Touches of a paused rule (oversight.h), and those whose
  // window closed before they left (closed_touches.h), are left where they are.
  std::vector<ClaimedTouch> Claim(
      const ClaimChannel& channel, const Facts& facts, const Consents& consents,
      const std::unordered_set<std::string>& live_rules, int limit,
      int64_t* dropped = nullptr);
  // The same in the caller's transaction: claimed once that is committed.
  std::vector<ClaimedTouch> Claim(
      SQLite::Database& db, const ClaimChannel& channel, const Facts& facts,
      const Consents& consents,
      const std::unordered_set<std::string>& live_rules, int limit,
      int64_t* dropped);
  // Results of touches that are not claimed are ignored. `dead_recipient`
  // suppresses the address in this channel. A touch that failed goes on through
  // its next channel, where it has one. A touch that may have been sent by an
  // earlier attempt stays unknown unless this attempt got a clear answer.
  void Record(std::span<const AttemptResult> results, Instant now);
  void Record(SQLite::Database& db, std::span<const AttemptResult> results,
              Instant now);
  // Undoes the claim of touches that nobody has begun to send.
  void Release(std::span<const ClaimedTouch> touches, Instant now);
  // Drops expired planned touches of a channel that does not send, so that
  // Claim does not come by them. Returns how many.
  int64_t DropExpired(const std::string& channel, Instant now);
  // The channels that planned touches wait for, in order.
  std::vector<std::string> WaitedFor() const;
  // An operator's word on unknown touches: accepted and failed are final; what
  // is to be sent again is due at once, for a day if it expired, and its
  // attempt is marked as a repeat. Returns those settled (or, in a dry run,
  // that would be), as they were. kUsage names a touch id that is not there or
  // not unknown; then nothing is settled.
  Result<std::vector<TouchRow>> Settle(const SettleAsk& ask, Instant now);
  // What is claimed while nobody sends is unknown: at start (every channel),
  // and before a channel is worked, where the run before broke off because
  // the store failed. Returns how many. REQUIRES: nobody sends through it.
  int64_t MarkInterrupted(Instant now, const std::string& channel = "");
  std::optional<Instant> NextDue() const;  // of planned touches

  // --- receipts: one fate each, in order; durable when it returns. A receipt
  // may come before its attempt is recorded, more than once, and in any order.
  // Unknown ones are kept, unless somebody is there to be told.
  enum class UnknownReceipts { kKeep, kRefuse };
  std::vector<ReceiptFate> TakeReceipts(
      std::span<const Receipt> receipts, Instant now,
      UnknownReceipts unknown = UnknownReceipts::kKeep);
  // Takes kept receipts whose touch is known by now; for after an import of
  // touches.
  void TakeKeptReceipts(Instant now);
  // How many receipts are kept because their touch is not known (yet).
  int64_t CountKeptReceipts() const;

  // --- goals: the first event in each open window is kept, by exact time.
  void MatchGoals(std::span<const GoalEvent> events);
  // Users with a touch that has a goal: events of others need not be matched.
  // REQUIRES (MatchGoals too): the engine's lock, so that no plan writes.
  const UserSet& UsersWithGoals() const;
  // Reads what is kept in memory from the store again, after a transaction that
  // failed.
  void Reload();

  // --- import of campaigns run elsewhere; kUsage for an impossible row.
  struct ImportedTouch {
    std::string rule_id;
    UserNumber user = kNoUser;
    Instant at;
    Arm arm = Arm::kTreated;
    std::string channel, variant;
    std::string goal;  // the rule's, where it has one
    std::optional<Instant> goal_until;
  };
  void Import(SQLite::Database& db, std::span<const ImportedTouch> touches);

  // --- reading
  std::vector<TouchRow> Touches(const TouchFilter& filter) const;
  int64_t CountTouches(const TouchFilter& filter) const;
  std::map<TouchState, int64_t> CountByState(std::optional<std::string> rule_id,
                                             std::optional<Instant> slot) const;

  // Merges `from` into `into`, or erases a user. Where both have a touch of the
  // same rule, slot and step, the earlier planned one stays.
  void MoveUser(SQLite::Database& db, UserNumber from, UserNumber into);
  void EraseUser(SQLite::Database& db, UserNumber user);
  // True where `a`'s first touch is earlier than `b`'s (none is latest).
  bool DrawnFirst(SQLite::Database& db, UserNumber a, UserNumber b) const;

 private:
  Store& store_;
  UserDirectory& users_;
  SlotBook slots_;
  ChannelBook channels_;
  const std::string key_;
  UserSet with_goals_;
  // Guarded by the store's writer: its prepared statements, and by channel the
  // rule that was served last.
  Statements statements_;
  std::map<std::string, std::string> served_last_;
};

}  // namespace rekindle
