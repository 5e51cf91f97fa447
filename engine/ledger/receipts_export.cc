#include "engine/ledger/receipts_export.h"

#include <SQLiteCpp/VariadicBind.h>

#include <string>
#include <vector>

namespace rekindle {
namespace {

constexpr int kReceiptsAtOnce = 10000;

using Rows = std::vector<std::vector<Cell>>;

std::vector<Cell> CellsOf(SQLite::Statement& get, const Calendar& calendar,
                          bool known) {
  const auto text = [&](int i) { return Cell(get.getColumn(i).getString()); };
  const auto instant = [&](int i) {
    return Cell(calendar.Format(FromMillis(get.getColumn(i).getInt64())));
  };
  return {text(0), text(1), text(2), instant(3), instant(4),
          text(5), text(6), text(7), known};
}

// After the row of `touch_id` and `state`, in order.
Rows ReadKnown(SQLite::Database& db, const Calendar& calendar, Instant as_of,
               const std::string& touch_id, const std::string& state) {
  SQLite::Statement get(
      db,
      "SELECT t.touch_id, r.channel, r.state, r.at, r.received_at, "
      "coalesce((SELECT a.provider_id FROM attempts a WHERE a.touch = t.id "
      "AND a.provider_id <> '' ORDER BY a.attempt DESC LIMIT 1), ''), r.code, "
      "r.detail FROM touches t JOIN receipts r ON r.touch = t.id "
      "WHERE t.touch_id >= ?1 AND (t.touch_id, r.state) > (?1, ?2) "
      "AND r.received_at <= ?3 ORDER BY t.touch_id, r.state LIMIT ?4");
  SQLite::bind(get, touch_id, state, ToMillis(as_of), kReceiptsAtOnce);
  Rows rows;
  while (get.executeStep()) rows.push_back(CellsOf(get, calendar, true));
  return rows;
}

Rows ReadKept(SQLite::Database& db, const Calendar& calendar, Instant as_of) {
  SQLite::Statement get(
      db,
      "SELECT touch_id, channel, state, at, received_at, provider_id, code, "
      "detail FROM kept_receipts WHERE received_at <= ? "
      "ORDER BY touch_id, provider_id, state, channel");
  get.bind(1, ToMillis(as_of));
  Rows rows;
  while (get.executeStep()) rows.push_back(CellsOf(get, calendar, false));
  return rows;
}

}  // namespace

void ExportReceipts(const Store& store, const Calendar& calendar, Instant as_of,
                    RowSink& out) {
  out.Header({"touch_id", "channel", "state", "at", "received_at",
              "provider_id", "code", "detail", "known"});
  std::string touch_id, state;
  while (true) {
    const Rows rows = store.Read([&](SQLite::Database& db) {
      return ReadKnown(db, calendar, as_of, touch_id, state);
    });
    for (const std::vector<Cell>& row : rows) out.Row(row);
    if (rows.empty()) break;
    touch_id = std::get<std::string>(rows.back()[0]);
    state = std::get<std::string>(rows.back()[2]);
  }
  const Rows kept = store.Read(
      [&](SQLite::Database& db) { return ReadKept(db, calendar, as_of); });
  for (const std::vector<Cell>& row : kept) out.Row(row);
  out.Finish();
}

}  // namespace rekindle
