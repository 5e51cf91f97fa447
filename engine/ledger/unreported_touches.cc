#include "engine/ledger/unreported_touches.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <utility>

namespace rekindle {
namespace {

// Rows that are looked at in one read of the store.
constexpr int64_t kNumbersAtOnce = 5000;

// From a touch's decision to its sending: a window, a holiday, a channel's
// hours or rate put it off for days. What leaves later than this, as an old one
// that an operator has sent again may, is passed over.
constexpr auto kLongestWait = std::chrono::hours(31 * 24);

UnreportedTouch TouchOf(SQLite::Statement& get) {
  UnreportedTouch touch;
  touch.id = get.getColumn(0).getInt64();
  touch.touch_id = get.getColumn(1).getString();
  touch.rule_id = get.getColumn(2).getString();
  touch.user = get.getColumn(3).getUInt();
  touch.slot = FromMillis(get.getColumn(4).getInt64());
  touch.provider_id = get.getColumn(5).getString();
  touch.address_hash = get.getColumn(6).getString();
  touch.sent_at = FromMillis(get.getColumn(7).getInt64());
  return touch;
}

// The first of [at, end) that has not left, or has without an outcome.
std::optional<int64_t> FirstOpen(SQLite::Database& db, int64_t at,
                                 int64_t end) {
  SQLite::Statement get(
      db,
      "SELECT min(id) FROM touches WHERE id >= ? AND id < ? AND "
      "(state = 'planned' OR state = 'claimed' OR state = 'unknown')");
  SQLite::bind(get, at, end);
  if (!get.executeStep() || get.getColumn(0).isNull()) return std::nullopt;
  return get.getColumn(0).getInt64();
}

}  // namespace

UnreportedTouches::UnreportedTouches(const Store& store, std::string channel,
                                     Instant from)
    : store_(store), channel_(std::move(channel)), from_(from) {
  store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT min(id) FROM touches WHERE planned_at >= ?");
    get.bind(1, ToMillis(from_ - kLongestWait));
    if (get.executeStep()) begin_ = get.getColumn(0).getInt64();
    last_ =
        db.execAndGet("SELECT coalesce(max(id), 0) FROM touches").getInt64();
    if (begin_ == 0) begin_ = last_ + 1;
  });
}

std::vector<UnreportedTouch> UnreportedTouches::Next(
    int64_t* at, size_t limit,
    const std::function<bool(const UnreportedTouch&)>& wanted) {
  const int64_t end = std::min(*at + kNumbersAtOnce, last_ + 1);
  std::vector<UnreportedTouch> touches;
  store_.Read([&](SQLite::Database& db) {
    if (!first_open_) first_open_ = FirstOpen(db, *at, end);
    SQLite::Statement get(
        db,
        "SELECT t.id, t.touch_id, t.rule_id, t.user, t.slot, a.provider_id, "
        "a.address_hash, coalesce(a.finished_at, a.claimed_at) AS sent_at "
        "FROM touches t JOIN attempts a ON a.touch = t.id "
        "AND a.attempt = t.attempts WHERE t.id >= ?1 AND t.id < ?2 "
        "AND (t.state = 'accepted' OR t.state = 'unknown') "
        "AND t.channel = ?3 AND a.channel = ?3 AND sent_at >= ?4 "
        "ORDER BY t.id");
    SQLite::bind(get, *at, end, channel_, ToMillis(from_));
    *at = end;
    while (get.executeStep()) {
      UnreportedTouch touch = TouchOf(get);
      first_open_ = std::min(first_open_.value_or(touch.id), touch.id);
      if (!wanted(touch)) continue;
      *at = touch.id + 1;
      touches.push_back(std::move(touch));
      if (touches.size() == limit) return;
    }
    *at = end;
  });
  return touches;
}

}  // namespace rekindle
