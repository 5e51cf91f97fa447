// What the ledger keeps of each slot, a due instant of a rule: what became of
// it, and whom it skipped.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/calendar.h"
#include "engine/model/event.h"
#include "engine/sets/user_set.h"
#include "engine/store/store.h"

namespace rekindle {

// A stopped slot has planned nothing, for the reason in its row; it may still
// be worked.
enum class SlotState { kOpen, kDone, kMissed, kStopped };
std::string_view SlotStateName(SlotState state);  // "stopped"

struct SlotRow {
  std::string rule_id;
  Instant slot;
  SlotState state = SlotState::kOpen;
  std::string reason;  // why it was stopped: "blast_guard", "paused", ...
  std::string rule_version;
  Instant opened_at;
  std::optional<Instant> done_at;
  int64_t matched = 0;
  int64_t eligible = 0;  // of the matched, those the rule may reach, before
                         // ramp, per_run and caps thin them
  int64_t treated = 0;
  int64_t held_out = 0;
  std::map<std::string, int64_t> skipped;  // by reason
};

// Why a user got nothing of a slot that worked.
struct SkipRow {
  std::string rule_id;
  Instant slot;
  std::string reason;  // "capped", "no_address", ...
};

// Thread-safe. Functions with `db` work inside the caller's transaction.
class SlotBook {
 public:
  explicit SlotBook(Store& store) : store_(store) {}

  // Opens the slot, also one that is done or missed.
  static SlotRow Open(SQLite::Database& db, const std::string& rule_id,
                      Instant slot, const std::string& rule_version,
                      Instant now);
  // Marks the slot done. Stores `slot.matched` and `slot.eligible`; treated and
  // held out are counted from the slot's touches, those of an earlier opening
  // included.
  static void Finish(SQLite::Database& db, const SlotRow& slot, Instant now,
                     const std::map<std::string, UserSet>& skipped);
  // Marks the slot missed. False where it is done, stopped or missed already,
  // and stays so.
  static bool MarkMissed(SQLite::Database& db, const std::string& rule_id,
                         Instant slot, const std::string& rule_version,
                         Instant now);
  // Marks the slot stopped, with `slot.reason`, `matched` and `eligible`; one
  // that is done stays so. False where it is stopped with that reason and
  // version already.
  static bool Stop(SQLite::Database& db, const SlotRow& slot, Instant now);

  std::optional<SlotRow> Find(const std::string& rule_id, Instant slot) const;
  std::optional<SlotRow> Latest(const std::string& rule_id) const;
  // Newest first, of one rule or of all; a limit of 0 is all.
  std::vector<SlotRow> Newest(const std::optional<std::string>& rule_id,
                              int64_t limit) const;
  // Stopped ones also by reason.
  std::map<std::pair<SlotState, std::string>, int64_t> CountByState() const;
  // The most users that one of the rule's last `count` done slots before this
  // one might reach; nothing where there is none.
  static std::optional<int64_t> MostEligible(SQLite::Database& db,
                                             const std::string& rule_id,
                                             Instant before, int count);
  // How many done slots before `before` this version of the rule had.
  static int64_t CountDone(SQLite::Database& db, const std::string& rule_id,
                           const std::string& rule_version, Instant before);

  // Why the user got nothing of slots, the newest first, among the last `slots`
  // of the rule, or of all rules. `numbers` are all of the user's
  // (UserDirectory::NumbersOf). Throws where a set is damaged.
  std::vector<SkipRow> SkipsOf(std::span<const UserNumber> numbers,
                               const std::optional<std::string>& rule_id,
                               int64_t slots) const;
  // Takes the numbers out of the stored sets of skipped users, and everybody
  // out of one that is damaged; how many were skipped stays.
  static void EraseSkips(SQLite::Database& db,
                         std::span<const UserNumber> numbers);
  // Says which of those sets are damaged, for people.
  static std::vector<std::string> CheckSkips(SQLite::Database& db);

  // How many touches of the slot failed, or were dropped because they expired;
  // nothing while one is planned or claimed.
  std::optional<int64_t> FailedTouches(const std::string& rule_id,
                                       Instant slot) const;
  // The rule's done slots from then on whose failures nobody looked at yet, and
  // that somebody did (the column `settled`).
  std::vector<Instant> Uninspected(const std::string& rule_id,
                                   Instant from) const;
  static void MarkInspected(SQLite::Database& db, const std::string& rule_id,
                            Instant slot);

  // When the rule was first seen by a daemon, which works no slot before; set
  // once.
  Instant FirstLoaded(const std::string& rule_id, Instant now);

 private:
  Store& store_;
};

}  // namespace rekindle
