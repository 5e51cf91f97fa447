// Delivery: what became of claimed touches.
#include <SQLiteCpp/VariadicBind.h>

#include <map>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "engine/ledger/contents.h"
#include "engine/ledger/id_list.h"
#include "engine/ledger/ledger.h"
#include "engine/ledger/may_have_left.h"
#include "engine/ledger/receipt_writer.h"
#include "engine/store/statements.h"

namespace rekindle {
namespace {

// The reason of a failure that kills an address, as channels name it.
constexpr std::string_view kDeadRecipient = "dead_recipient";
// The reason of one that has used up its tries.
constexpr std::string_view kTemporary = "temporary";

const std::string kAskWhetherLeft =
    std::string("SELECT ") + kMayHaveLeft + " FROM touches WHERE id = ?";

// The claimed touch of a result.
struct Underway {
  int64_t id = 0;
  int attempt = 0;
  std::string channel;
  std::string address;
  std::string rule_id;
  int64_t slot = 0;
  bool further = false;   // the user has another address in the channel
  bool received = false;  // receipts were quicker than the answer
};

// What a call of Record adds to a channel's counts, or to a slot's costs.
struct Sum {
  int64_t touches = 0;
  int64_t cost = 0;
};

// One call of Record.
class Recorder {
 public:
  Recorder(SQLite::Database& db, Statements& statements, const std::string& key,
           Instant now);
  void Record(const AttemptResult& result);
  // Writes what is written for all of them together; after the last Record.
  void Finish();

 private:
  int64_t RowOf(const std::string& touch_id);  // 0: there is none
  std::optional<Underway> Find(const AttemptResult& result);
  // An attempt before this one may have been sent, and none since was answered
  // for good.
  bool MayHaveLeft(const Underway& touch);
  void FinishAttempt(const Underway& touch, const AttemptResult& result);
  void Suppress(const Underway& touch);
  // The channel that a touch goes on through after a failure: the same where
  // only the address was dead and the user has another; empty: none.
  std::string NextChannel(const Underway& touch, const AttemptResult& result);
  void FallBack(const Underway& touch, const std::string& reason,
                const std::string& channel);
  void Count(const Underway& touch, const AttemptResult& result);
  void PutBack(const Underway& touch, const AttemptResult& result,
               TouchState state);
  void LeaveUnknown(const Underway& touch, const AttemptResult& result);
  void SetStates();
  void Erase(const Underway& touch);
  void TakeReceipts(const Underway& touch, const std::string& provider_id);
  void WriteSums();

  SQLite::Database& db_;
  Statements& statements_;
  const std::string& key_;
  const Instant now_;
  const bool any_kept_;
  std::unordered_set<int64_t> recorded_;
  std::map<std::pair<TouchState, std::string>, IdList> by_state_;  // and reason
  IdList erased_;
  // With the provider's id.
  std::vector<std::pair<Underway, std::string>> with_receipts_;
  std::map<std::pair<std::string, std::string>, Sum> by_channel_;
  std::map<std::tuple<std::string, int64_t, std::string>, Sum> by_slot_;
};

Recorder::Recorder(SQLite::Database& db, Statements& statements,
                   const std::string& key, Instant now)
    : db_(db),
      statements_(statements),
      key_(key),
      now_(now),
      any_kept_(db.execAndGet("SELECT EXISTS (SELECT 1 FROM kept_receipts)")
                    .getInt() != 0) {}

int64_t Recorder::RowOf(const std::string& touch_id) {
  SQLite::Statement& get =
      statements_.Query(db_, "SELECT id FROM touches WHERE touch_id = ?");
  get.bind(1, touch_id);
  const int64_t row = get.executeStep() ? get.getColumn(0).getInt64() : 0;
  get.reset();
  return row;
}

std::optional<Underway> Recorder::Find(const AttemptResult& result) {
  SQLite::Statement& find = statements_.Query(
      db_,
      "SELECT t.id, t.attempts, a.channel, coalesce(a.address, ''), "
      "t.rule_id, t.slot, a.further, "
      "EXISTS (SELECT 1 FROM receipts r WHERE r.touch = t.id) "
      "FROM touches t JOIN attempts a ON a.touch = t.id "
      "AND a.attempt = t.attempts WHERE t.id = ?2 AND t.touch_id = ?1 "
      "AND t.state = 'claimed'");
  find.bind(1, result.touch_id);
  find.bind(2, result.row != 0 ? result.row : RowOf(result.touch_id));
  std::optional<Underway> touch;
  if (find.executeStep()) {
    touch = Underway{
        find.getColumn(0).getInt64(),    find.getColumn(1).getInt(),
        find.getColumn(2).getString(),   find.getColumn(3).getString(),
        find.getColumn(4).getString(),   find.getColumn(5).getInt64(),
        find.getColumn(6).getInt() != 0, find.getColumn(7).getInt() != 0};
  }
  find.reset();
  return touch;
}

bool Recorder::MayHaveLeft(const Underway& touch) {
  if (touch.attempt == 1) return false;
  SQLite::Statement& get = statements_.Query(db_, kAskWhetherLeft.c_str());
  SQLite::bind(get, touch.id);
  const bool may = get.executeStep() && get.getColumn(0).getInt() != 0;
  get.reset();
  return may;
}

void Recorder::FinishAttempt(const Underway& touch,
                             const AttemptResult& result) {
  statements_.Run(
      db_,
      "UPDATE attempts SET finished_at = ?3, outcome = ?4, reason = ?5, "
      "detail = ?6, provider_id = ?7, "
      "address = CASE WHEN ?4 = 'unknown' THEN address END "
      "WHERE touch = ?1 AND attempt = ?2",
      touch.id, touch.attempt, ToMillis(now_), TouchStateName(result.state),
      result.reason, result.detail, result.provider_id);
}

void Recorder::Suppress(const Underway& touch) {
  if (touch.address.empty()) return;
  Consents::Suppress(db_,
                     {touch.channel, touch.address, "", "dead address", now_});
}

std::string Recorder::NextChannel(const Underway& touch,
                                  const AttemptResult& result) {
  if (result.reason == kDeadRecipient && touch.further) return touch.channel;
  SQLite::Statement& get = statements_.Query(
      db_, "SELECT contents FROM touch_contents WHERE touch = ?");
  get.bind(1, touch.id);
  std::string text;
  if (get.executeStep()) text = get.getColumn(0).getString();
  get.reset();
  if (text.empty()) return "";
  const auto contents = DecodeContents(text);
  const auto after = ContentsAfter(contents, touch.channel);
  return after.empty() ? "" : after.front().channel;
}

void Recorder::FallBack(const Underway& touch, const std::string& reason,
                        const std::string& channel) {
  statements_.Run(db_,
                  "UPDATE touches SET state = 'planned', reason = ?2, "
                  "due_at = ?3, channel = ?4 WHERE id = ?1",
                  touch.id, reason, ToMillis(now_), channel);
}

void Recorder::Count(const Underway& touch, const AttemptResult& result) {
  const bool accepted = result.state == TouchState::kAccepted;
  const std::string outcome =
      accepted ? std::string(TouchStateName(result.state)) : result.reason;
  Sum& channel = by_channel_[{touch.channel, outcome}];
  ++channel.touches;
  if (!accepted || result.cost == 0) return;
  channel.cost += result.cost;
  Sum& slot = by_slot_[{touch.rule_id, touch.slot, touch.channel}];
  ++slot.touches;
  slot.cost += result.cost;
}

void Recorder::WriteSums() {
  for (const auto& [key, sum] : by_channel_) {
    ChannelBook::Count(db_, key.first, key.second, sum.touches, sum.cost, now_);
  }
  if (by_slot_.empty()) return;
  SQLite::Statement put(
      db_,
      "INSERT INTO slot_costs (rule_id, slot, channel, messages, cost) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (rule_id, slot, channel) DO UPDATE "
      "SET messages = messages + excluded.messages, "
      "cost = cost + excluded.cost");
  for (const auto& [key, sum] : by_slot_) {
    const auto& [rule_id, slot, channel] = key;
    SQLite::bind(put, rule_id, slot, channel, sum.touches, sum.cost);
    put.exec();
    put.reset();
  }
}

void Recorder::PutBack(const Underway& touch, const AttemptResult& result,
                       TouchState state) {
  statements_.Run(db_,
                  "UPDATE touches SET state = ?2, reason = ?3, due_at = ?4 "
                  "WHERE id = ?1",
                  touch.id, TouchStateName(state), result.reason,
                  ToMillis(result.try_again_at.value_or(now_)));
}

// For a person: no channel takes it any more.
void Recorder::LeaveUnknown(const Underway& touch,
                            const AttemptResult& result) {
  statements_.Run(db_,
                  "UPDATE touches SET state = 'unknown', reason = ?2, "
                  "no_repeat = 1 WHERE id = ?1",
                  touch.id, result.reason);
}

void Recorder::SetStates() {
  for (const auto& [state_and_reason, touches] : by_state_) {
    const auto& [state, reason] = state_and_reason;
    SQLite::Statement& put =
        statements_.Query(db_,
                          "UPDATE OR FAIL touches SET state = ?2, reason = ?3 "
                          "WHERE id IN (SELECT value FROM json_each(?1))");
    put.bind(2, std::string(TouchStateName(state)));
    put.bind(3, reason);
    touches.Run(put);
  }
}

// The last attempt's address is gone already (FinishAttempt).
void Recorder::Erase(const Underway& touch) {
  erased_.Add(touch.id);
  if (touch.attempt == 1) return;
  statements_.Run(db_, "UPDATE attempts SET address = NULL WHERE touch = ?",
                  touch.id);
}

void Recorder::TakeReceipts(const Underway& touch,
                            const std::string& provider_id) {
  ReceiptWriter receipts(
      db_, key_,
      [&](UserNumber, const std::vector<std::string>&) {
        return touch.address;
      },
      now_);
  if (any_kept_ && !provider_id.empty()) {
    receipts.TakeKept(touch.channel, provider_id);
  }
  receipts.ApplyReceipts(touch.id);
}

void Recorder::Record(const AttemptResult& result) {
  const std::optional<Underway> touch = Find(result);
  if (!touch || !recorded_.insert(touch->id).second) return;
  FinishAttempt(*touch, result);
  Count(*touch, result);
  if (result.reason == kDeadRecipient) Suppress(*touch);
  // What is no word on the attempt before leaves open what became of that: it
  // is neither dropped nor sent through another channel.
  const bool says_nothing =
      result.state == TouchState::kPlanned || result.reason == kTemporary;
  const bool unknown = says_nothing && MayHaveLeft(*touch);
  std::string next;
  if (result.state == TouchState::kFailed && !unknown) {
    next = NextChannel(*touch, result);
  }
  if (!next.empty()) {
    FallBack(*touch, result.reason, next);
    // The next address: what receipts said is of the one before.
    if (next == touch->channel) return;
  } else if (result.state == TouchState::kPlanned) {
    PutBack(*touch, result,
            unknown ? TouchState::kUnknown : TouchState::kPlanned);
  } else if (unknown) {
    LeaveUnknown(*touch, result);
  } else {
    const bool accepted = result.state == TouchState::kAccepted;
    by_state_[{result.state, accepted ? "" : result.reason}].Add(touch->id);
    if (IsFinal(result.state)) Erase(*touch);
  }
  if (touch->received || (any_kept_ && !result.provider_id.empty())) {
    with_receipts_.emplace_back(*touch, result.provider_id);
  }
}

void Recorder::Finish() {
  SetStates();
  erased_.Run(
      statements_.Query(db_,
                        "DELETE FROM touch_contents "
                        "WHERE touch IN (SELECT value FROM json_each(?1))"));
  for (const auto& [touch, provider_id] : with_receipts_) {
    TakeReceipts(touch, provider_id);
  }
  WriteSums();
}

}  // namespace

void Ledger::Record(std::span<const AttemptResult> results, Instant now) {
  if (results.empty()) return;
  store_.Write([&](SQLite::Database& db) { Record(db, results, now); });
}

void Ledger::Record(SQLite::Database& db,
                    std::span<const AttemptResult> results, Instant now) {
  if (results.empty()) return;
  Recorder recorder(db, statements_, key_, now);
  for (const AttemptResult& result : results) recorder.Record(result);
  recorder.Finish();
}

}  // namespace rekindle
