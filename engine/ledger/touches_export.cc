#include "engine/ledger/touches_export.h"

#include <SQLiteCpp/VariadicBind.h>

#include <string>
#include <vector>

namespace rekindle {
namespace {

constexpr int kTouchesAtOnce = 10000;

std::vector<Cell> CellsOf(SQLite::Statement& get, const UserDirectory& users,
                          const Calendar& calendar, Instant as_of) {
  const auto text = [&](int i) { return Cell(get.getColumn(i).getString()); };
  const auto instant = [&](int i) {
    return Cell(calendar.Format(FromMillis(get.getColumn(i).getInt64())));
  };
  const bool reached = !get.getColumn(10).isNull() &&
                       get.getColumn(10).getInt64() <= ToMillis(as_of);
  return {text(0),
          text(1),
          std::string(users.IdOf(get.getColumn(2).getUInt())),
          instant(3),
          instant(4),
          text(5),
          text(6),
          text(7),
          text(8),
          text(9),
          reached ? instant(10) : Cell()};
}

// The rows after `last`, in order.
std::vector<std::vector<Cell>> ReadPiece(SQLite::Database& db,
                                         const UserDirectory& users,
                                         const Calendar& calendar,
                                         Instant as_of,
                                         const std::string& last) {
  SQLite::Statement get(
      db,
      "SELECT touch_id, rule_id, user, slot, planned_at, arm, variant, "
      "channel, state, reason, goal_at FROM touches "
      "WHERE touch_id > ? AND planned_at <= ? ORDER BY touch_id LIMIT ?");
  SQLite::bind(get, last, ToMillis(as_of), kTouchesAtOnce);
  std::vector<std::vector<Cell>> rows;
  while (get.executeStep()) {
    rows.push_back(CellsOf(get, users, calendar, as_of));
  }
  return rows;
}

}  // namespace

void ExportTouches(const Store& store, const UserDirectory& users,
                   const Calendar& calendar, Instant as_of, RowSink& out) {
  out.Header({"touch_id", "rule_id", "user_id", "slot", "planned_at", "arm",
              "variant", "channel", "state", "reason", "goal_at"});
  std::string last;
  while (true) {
    const auto rows = store.Read([&](SQLite::Database& db) {
      return ReadPiece(db, users, calendar, as_of, last);
    });
    for (const std::vector<Cell>& row : rows) out.Row(row);
    if (rows.empty()) break;
    last = std::get<std::string>(rows.back().front());
  }
  out.Finish();
}

}  // namespace rekindle
