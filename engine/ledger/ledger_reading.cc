// Reading: touches for people and pages.
#include "engine/ledger/ledger.h"

namespace rekindle {
namespace {

std::string WhereOf(const TouchFilter& filter) {
  std::string where = " WHERE 1";
  if (filter.rule_id) where += " AND t.rule_id = :rule";
  if (filter.user) where += " AND t.user = :user";
  if (filter.state) where += " AND t.state = :state";
  if (filter.slot) where += " AND t.slot = :slot";
  return where;
}

void BindFilter(SQLite::Statement& get, const TouchFilter& filter,
                const UserDirectory& users) {
  if (filter.rule_id) get.bind(":rule", *filter.rule_id);
  if (filter.user) get.bind(":user", users.Resolve(*filter.user));
  if (filter.state) {
    get.bind(":state", std::string(TouchStateName(*filter.state)));
  }
  if (filter.slot) get.bind(":slot", ToMillis(*filter.slot));
}

TouchState StateOf(const std::string& word) {
  return ParseTouchState(word).value_or(TouchState::kUnknown);
}

TouchRow RowOf(SQLite::Statement& get, const UserDirectory& users) {
  TouchRow row;
  row.touch_id = get.getColumn(0).getString();
  row.rule_id = get.getColumn(1).getString();
  row.user_id = users.IdOf(get.getColumn(2).getUInt());
  row.slot = FromMillis(get.getColumn(3).getInt64());
  row.planned_at = FromMillis(get.getColumn(4).getInt64());
  row.due_at = FromMillis(get.getColumn(5).getInt64());
  row.arm = get.getColumn(6).getString() == ArmName(Arm::kTreated)
                ? Arm::kTreated
                : Arm::kHeldOut;
  row.variant = get.getColumn(7).getString();
  row.channel = get.getColumn(8).getString();
  row.state = StateOf(get.getColumn(9).getString());
  row.reason = get.getColumn(10).getString();
  if (!get.getColumn(11).isNull()) {
    row.goal_at = FromMillis(get.getColumn(11).getInt64());
  }
  row.attempts = get.getColumn(12).getInt();
  row.detail = get.getColumn(13).getString();
  return row;
}

}  // namespace

std::vector<TouchRow> Ledger::Touches(const TouchFilter& filter) const {
  return store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(
        db,
        "SELECT t.touch_id, t.rule_id, t.user, t.slot, t.planned_at, "
        "t.due_at, t.arm, t.variant, t.channel, t.state, t.reason, t.goal_at, "
        "t.attempts, coalesce(a.detail, '') FROM touches t "
        "LEFT JOIN attempts a ON a.touch = t.id AND a.attempt = t.attempts" +
            WhereOf(filter) +
            " ORDER BY t.planned_at DESC, t.id DESC LIMIT :limit "
            "OFFSET :offset");
    BindFilter(get, filter, users_);
    get.bind(":limit", filter.limit == 0 ? int64_t{-1} : filter.limit);
    get.bind(":offset", filter.offset);
    std::vector<TouchRow> rows;
    while (get.executeStep()) rows.push_back(RowOf(get, users_));
    return rows;
  });
}

int64_t Ledger::CountTouches(const TouchFilter& filter) const {
  return store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT count(*) FROM touches t" + WhereOf(filter));
    BindFilter(get, filter, users_);
    get.executeStep();
    return get.getColumn(0).getInt64();
  });
}

std::map<TouchState, int64_t> Ledger::CountByState(
    std::optional<std::string> rule_id, std::optional<Instant> slot) const {
  TouchFilter filter;
  filter.rule_id = std::move(rule_id);
  filter.slot = slot;
  return store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db, "SELECT t.state, count(*) FROM touches t" +
                                  WhereOf(filter) + " GROUP BY t.state");
    BindFilter(get, filter, users_);
    std::map<TouchState, int64_t> counts;
    while (get.executeStep()) {
      counts[StateOf(get.getColumn(0).getString())] =
          get.getColumn(1).getInt64();
    }
    return counts;
  });
}

}  // namespace rekindle
