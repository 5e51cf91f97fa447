// Delivery: what became of claimed touches.
#include <SQLiteCpp/VariadicBind.h>

#include "engine/ledger/contents.h"
#include "engine/ledger/ledger.h"
#include "engine/ledger/receipt_writer.h"

namespace rekindle {
namespace {

// The reason of a failure that kills an address, as channels name it.
constexpr std::string_view kDeadRecipient = "dead_recipient";

// The claimed touch of a result.
struct Underway {
  int64_t id = 0;
  int attempt = 0;
  std::string channel;
  std::string address;
  bool further = false;  // the user has another address in the channel
};

// One call of Record: its statements.
class Recorder {
 public:
  Recorder(SQLite::Database& db, const std::string& key, Instant now);
  void Record(const AttemptResult& result);

 private:
  std::optional<Underway> Find(const std::string& touch_id);
  void FinishAttempt(const Underway& touch, const AttemptResult& result);
  void Suppress(const Underway& touch);
  // The channel that a touch goes on through after a dead address; empty: none.
  std::string NextChannel(const Underway& touch);
  void FallBack(const Underway& touch, const std::string& channel);
  void SetState(const Underway& touch, const AttemptResult& result);
  void Erase(const Underway& touch);
  // Receipts may have been quicker than the answer.
  void TakeReceipts(const Underway& touch, const AttemptResult& result);
  bool HasReceipts(const Underway& touch);

  SQLite::Database& db_;
  const std::string& key_;
  const Instant now_;
  const bool any_kept_;
  SQLite::Statement find_, attempt_, state_, retry_, fall_back_;
  SQLite::Statement contents_, erase_contents_, erase_addresses_, receipts_;
};

Recorder::Recorder(SQLite::Database& db, const std::string& key, Instant now)
    : db_(db),
      key_(key),
      now_(now),
      any_kept_(db.execAndGet("SELECT EXISTS (SELECT 1 FROM kept_receipts)")
                    .getInt()),
      find_(db,
            "SELECT t.id, t.attempts, a.channel, coalesce(a.address, ''), "
            "a.further "
            "FROM touches t JOIN attempts a ON a.touch = t.id "
            "AND a.attempt = t.attempts "
            "WHERE t.touch_id = ? AND t.state = 'claimed'"),
      attempt_(db,
               "UPDATE attempts SET finished_at = ?3, outcome = ?4, "
               "reason = ?5, detail = ?6, provider_id = ?7, "
               "address_hash = ?8, address = "
               "CASE WHEN ?4 = 'unknown' THEN address END "
               "WHERE touch = ?1 AND attempt = ?2"),
      state_(db, "UPDATE touches SET state = ?2, reason = ?3 WHERE id = ?1"),
      retry_(db,
             "UPDATE touches SET state = 'planned', reason = ?2, due_at = ?3 "
             "WHERE id = ?1"),
      fall_back_(db,
                 "UPDATE touches SET state = 'planned', reason = ?2, "
                 "due_at = ?3, channel = ?4 WHERE id = ?1"),
      contents_(db, "SELECT contents FROM touch_contents WHERE touch = ?"),
      erase_contents_(db, "DELETE FROM touch_contents WHERE touch = ?"),
      erase_addresses_(db,
                       "UPDATE attempts SET address = NULL WHERE touch = ?"),
      receipts_(db, "SELECT 1 FROM receipts WHERE touch = ? LIMIT 1") {}

std::optional<Underway> Recorder::Find(const std::string& touch_id) {
  find_.bind(1, touch_id);
  std::optional<Underway> touch;
  if (find_.executeStep()) {
    touch =
        Underway{find_.getColumn(0).getInt64(), find_.getColumn(1).getInt(),
                 find_.getColumn(2).getString(), find_.getColumn(3).getString(),
                 find_.getColumn(4).getInt() != 0};
  }
  find_.reset();
  return touch;
}

void Recorder::FinishAttempt(const Underway& touch,
                             const AttemptResult& result) {
  SQLite::bind(
      attempt_, touch.id, touch.attempt, ToMillis(now_),
      std::string(TouchStateName(result.state)), result.reason, result.detail,
      result.provider_id,
      touch.address.empty() ? std::string() : AddressHash(key_, touch.address));
  attempt_.exec();
  attempt_.reset();
}

void Recorder::Suppress(const Underway& touch) {
  if (touch.address.empty()) return;
  Consents::Suppress(db_,
                     {touch.channel, touch.address, "", "dead address", now_});
}

std::string Recorder::NextChannel(const Underway& touch) {
  contents_.bind(1, touch.id);
  std::string next;
  if (contents_.executeStep()) {
    const auto contents = DecodeContents(contents_.getColumn(0).getString());
    const auto after = ContentsAfter(contents, touch.channel);
    if (!after.empty()) next = after.front().channel;
  }
  contents_.reset();
  return next;
}

void Recorder::FallBack(const Underway& touch, const std::string& channel) {
  SQLite::bind(fall_back_, touch.id, std::string(kDeadRecipient),
               ToMillis(now_), channel);
  fall_back_.exec();
  fall_back_.reset();
}

void Recorder::SetState(const Underway& touch, const AttemptResult& result) {
  const bool retry = result.state == TouchState::kPlanned;
  SQLite::Statement& put = retry ? retry_ : state_;
  put.bind(1, touch.id);
  if (retry) {
    put.bind(2, result.reason);
    put.bind(3, ToMillis(result.try_again_at.value_or(now_)));
  } else {
    const bool accepted = result.state == TouchState::kAccepted;
    put.bind(2, std::string(TouchStateName(result.state)));
    put.bind(3, accepted ? std::string() : result.reason);
  }
  put.exec();
  put.reset();
}

void Recorder::Erase(const Underway& touch) {
  for (SQLite::Statement* erase : {&erase_contents_, &erase_addresses_}) {
    erase->bind(1, touch.id);
    erase->exec();
    erase->reset();
  }
}

void Recorder::TakeReceipts(const Underway& touch,
                            const AttemptResult& result) {
  ReceiptWriter receipts(
      db_, key_,
      [&](UserNumber, const std::vector<std::string>&) {
        return touch.address;
      },
      now_);
  if (any_kept_ && !result.provider_id.empty()) {
    receipts.TakeKept(touch.channel, result.provider_id);
  }
  if (HasReceipts(touch)) receipts.Settle(touch.id);
}

bool Recorder::HasReceipts(const Underway& touch) {
  receipts_.bind(1, touch.id);
  const bool any = receipts_.executeStep();
  receipts_.reset();
  return any;
}

void Recorder::Record(const AttemptResult& result) {
  const std::optional<Underway> touch = Find(result.touch_id);
  if (!touch) return;
  FinishAttempt(*touch, result);
  if (result.reason == kDeadRecipient) {
    Suppress(*touch);
    const std::string next =
        touch->further ? touch->channel : NextChannel(*touch);
    if (!next.empty()) return FallBack(*touch, next);
  }
  SetState(*touch, result);
  if (IsFinal(result.state)) Erase(*touch);
  TakeReceipts(*touch, result);
}

// Where receipts say what an interrupted attempt came to, it is known.
void SettleUnknown(SQLite::Database& db, const std::string& key, Instant now) {
  SQLite::Statement get(db,
                        "SELECT id FROM touches WHERE state = 'unknown' "
                        "AND id IN (SELECT touch FROM receipts)");
  std::vector<int64_t> touches;
  while (get.executeStep()) touches.push_back(get.getColumn(0).getInt64());
  ReceiptWriter receipts(db, key, nullptr, now);
  for (const int64_t touch : touches) receipts.Settle(touch);
}

}  // namespace

void Ledger::Record(std::span<const AttemptResult> results, Instant now) {
  if (results.empty()) return;
  store_.Write([&](SQLite::Database& db) {
    Recorder recorder(db, key_, now);
    for (const AttemptResult& result : results) recorder.Record(result);
  });
}

int64_t Ledger::MarkInterrupted(Instant now, const std::string& channel) {
  const std::string claimed = channel.empty()
                                  ? "state = 'claimed'"
                                  : "state = 'claimed' AND channel = :channel";
  const auto bind = [&](SQLite::Statement& statement) {
    if (!channel.empty()) statement.bind(":channel", channel);
  };
  const bool any = store_.Read([&](SQLite::Database& db) {
    SQLite::Statement one(
        db, "SELECT 1 FROM touches WHERE " + claimed + " LIMIT 1");
    bind(one);
    return one.executeStep();
  });
  if (!any) return 0;
  return store_.Write([&](SQLite::Database& db) -> int64_t {
    SQLite::Statement attempts(
        db,
        "UPDATE attempts SET finished_at = :now, outcome = 'interrupted' "
        "WHERE (touch, attempt) IN (SELECT id, attempts FROM touches WHERE " +
            claimed + ")");
    attempts.bind(":now", ToMillis(now));
    bind(attempts);
    attempts.exec();
    SQLite::Statement touches(
        db,
        "UPDATE touches SET state = 'unknown', reason = 'interrupted' WHERE " +
            claimed);
    bind(touches);
    const int64_t interrupted = touches.exec();
    SettleUnknown(db, key_, now);
    return interrupted;
  });
}

std::optional<Instant> Ledger::NextDue() const {
  return store_.Read([](SQLite::Database& db) -> std::optional<Instant> {
    SQLite::Statement get(db,
                          "SELECT due_at FROM touches INDEXED BY touches_next "
                          "WHERE state = 'planned' ORDER BY due_at LIMIT 1");
    if (!get.executeStep()) return std::nullopt;
    return FromMillis(get.getColumn(0).getInt64());
  });
}

}  // namespace rekindle
