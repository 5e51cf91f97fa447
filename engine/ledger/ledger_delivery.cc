// Delivery: touches that are given back, expire or were left under way, and
// what is due next.
#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <map>

#include "engine/ledger/ledger.h"
#include "engine/ledger/may_have_left.h"
#include "engine/ledger/receipt_writer.h"

namespace rekindle {
namespace {

// Where receipts say what an interrupted attempt came to, it is known.
void ApplyReceiptsOfUnknown(SQLite::Database& db, const std::string& key,
                            Instant now) {
  SQLite::Statement get(db,
                        "SELECT id FROM touches WHERE state = 'unknown' "
                        "AND id IN (SELECT touch FROM receipts)");
  std::vector<int64_t> touches;
  while (get.executeStep()) touches.push_back(get.getColumn(0).getInt64());
  ReceiptWriter receipts(db, key, nullptr, now);
  for (const int64_t touch : touches) receipts.ApplyReceipts(touch);
}

}  // namespace

void Ledger::Release(std::span<const ClaimedTouch> touches, Instant now) {
  if (touches.empty()) return;
  store_.Write([&](SQLite::Database& db) {
    // One that was unknown before is so again.
    SQLite::Statement put(
        db, std::string("UPDATE touches SET attempts = attempts - 1, "
                        "state = CASE WHEN ") +
                kMayHaveLeft +
                " THEN 'unknown' ELSE 'planned' END "
                "WHERE touch_id = ? AND state = 'claimed' AND attempts = ?");
    SQLite::Statement erase(db,
                            "DELETE FROM attempts WHERE attempt = ?2 AND "
                            "touch = (SELECT id FROM touches "
                            "WHERE touch_id = ?1)");
    std::map<std::string, int64_t> released;
    for (const ClaimedTouch& touch : touches) {
      SQLite::bind(put, touch.touch_id, touch.attempt);
      const bool done = put.exec() > 0;
      put.reset();
      if (!done) continue;
      SQLite::bind(erase, touch.touch_id, touch.attempt);
      erase.exec();
      erase.reset();
      ++released[touch.channel];
    }
    for (const auto& [channel, count] : released) {
      ChannelBook::Count(db, channel, ChannelBook::kHanded, -count, 0, now);
    }
  });
}

int64_t Ledger::DropExpired(const std::string& channel, Instant now) {
  constexpr char kExpired[] =
      " FROM touches WHERE state = 'planned' AND channel = ? "
      "AND expires_at < ?";
  const auto bind = [&](SQLite::Statement& statement) {
    SQLite::bind(statement, channel, ToMillis(now));
  };
  const bool any = store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db, std::string("SELECT 1") + kExpired + " LIMIT 1");
    bind(get);
    return get.executeStep();
  });
  if (!any) return 0;
  return store_.Write([&](SQLite::Database& db) -> int64_t {
    SQLite::Statement erase(
        db, std::string("DELETE FROM touch_contents WHERE touch IN "
                        "(SELECT id") +
                kExpired + ")");
    bind(erase);
    erase.exec();
    SQLite::Statement drop(
        db, std::string("UPDATE touches SET state = 'dropped', "
                        "reason = 'expired' WHERE id IN (SELECT id") +
                kExpired + ")");
    bind(drop);
    return drop.exec();
  });
}

// From one to the next, as the index has them in order.
std::vector<std::string> Ledger::WaitedFor() const {
  return store_.Read([](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT channel FROM touches WHERE state = 'planned' "
                          "AND channel > ? ORDER BY channel LIMIT 1");
    std::vector<std::string> channels;
    while (true) {
      get.bind(1, channels.empty() ? std::string() : channels.back());
      if (!get.executeStep()) return channels;
      channels.push_back(get.getColumn(0).getString());
      get.reset();
    }
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
    ApplyReceiptsOfUnknown(db, key_, now);
    return interrupted;
  });
}

// The first of each rule in each channel, as the index has them in order.
std::optional<Instant> Ledger::NextDue() const {
  return store_.Read([](SQLite::Database& db) {
    SQLite::Statement get(
        db,
        "SELECT channel, rule_id, due_at FROM touches WHERE state = 'planned' "
        "AND (channel, rule_id) > (?, ?) ORDER BY channel, rule_id, due_at "
        "LIMIT 1");
    std::optional<Instant> next;
    std::string channel, rule_id;
    while (true) {
      SQLite::bind(get, channel, rule_id);
      if (!get.executeStep()) return next;
      channel = get.getColumn(0).getString();
      rule_id = get.getColumn(1).getString();
      const Instant due = FromMillis(get.getColumn(2).getInt64());
      next = std::min(next.value_or(due), due);
      get.reset();
    }
  });
}

}  // namespace rekindle
