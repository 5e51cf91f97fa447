// Settling: an operator's word on touches that nobody else can know about.
#include <SQLiteCpp/VariadicBind.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/ledger/ledger.h"

namespace rekindle {
namespace {

// How long a touch that is sent again may take, where its own time is over.
constexpr std::chrono::hours kResendWithin{24};

std::string ReasonOf(SettleAsk::As as) {
  switch (as) {
    case SettleAsk::As::kAccepted:
      return "settled_accepted";
    case SettleAsk::As::kFailed:
      return "settled_failed";
    case SettleAsk::As::kResend:
      break;
  }
  return "settled_resend";
}

bool Matches(const SettleAsk& ask, const TouchRow& row) {
  return (!ask.channel || *ask.channel == row.channel) &&
         (!ask.rule_id || *ask.rule_id == row.rule_id) &&
         (!ask.slot || *ask.slot == row.slot);
}

// Writes the decision; one transaction.
class Settlement {
 public:
  Settlement(SQLite::Database& db, const SettleAsk& ask, Instant now)
      : ask_(ask),
        now_(now),
        attempt_(db,
                 "UPDATE attempts SET reason = ?2, finished_at = "
                 "coalesce(finished_at, ?3) WHERE (touch, attempt) IN "
                 "(SELECT id, attempts FROM touches WHERE touch_id = ?1)"),
        state_(db,
               "UPDATE touches SET state = ?2, reason = ?3, no_repeat = 0 "
               "WHERE touch_id = ?1 AND state = 'unknown'"),
        resend_(db,
                "UPDATE touches SET state = 'planned', reason = ?2, "
                "no_repeat = 0, due_at = ?3, expires_at = "
                "CASE WHEN expires_at < ?3 THEN ?4 ELSE expires_at END "
                "WHERE touch_id = ?1 AND state = 'unknown'"),
        contents_(db,
                  "DELETE FROM touch_contents WHERE touch = "
                  "(SELECT id FROM touches WHERE touch_id = ?)"),
        addresses_(db,
                   "UPDATE attempts SET address = NULL WHERE touch = "
                   "(SELECT id FROM touches WHERE touch_id = ?)") {}

  // False where it is not unknown any more.
  bool Settle(const std::string& touch_id) {
    const std::string reason = ReasonOf(ask_.as);
    const bool resend = ask_.as == SettleAsk::As::kResend;
    const bool accepted = ask_.as == SettleAsk::As::kAccepted;
    const int64_t now = ToMillis(now_);
    const int changed =
        resend
            ? Run(resend_, touch_id, reason, now,
                  ToMillis(now_ + kResendWithin))
            : Run(state_, touch_id,
                  std::string(TouchStateName(accepted ? TouchState::kAccepted
                                                      : TouchState::kFailed)),
                  reason);
    if (changed == 0) return false;
    Run(attempt_, touch_id, reason, now);
    if (resend) return true;
    Run(contents_, touch_id);
    Run(addresses_, touch_id);
    return true;
  }

 private:
  template <class... Values>
  static int Run(SQLite::Statement& statement, const Values&... values) {
    SQLite::bind(statement, values...);
    const int changed = statement.exec();
    statement.reset();
    return changed;
  }

  const SettleAsk& ask_;
  const Instant now_;
  SQLite::Statement attempt_, state_, resend_, contents_, addresses_;
};

}  // namespace

Result<std::vector<TouchRow>> Ledger::Settle(const SettleAsk& ask,
                                             Instant now) {
  TouchFilter filter;
  filter.state = TouchState::kUnknown;
  filter.rule_id = ask.rule_id;
  filter.slot = ask.slot;
  filter.limit = 0;
  std::vector<TouchRow> rows = Touches(filter);
  std::erase_if(rows, [&](const TouchRow& row) { return !Matches(ask, row); });
  if (!ask.touch_ids.empty()) {
    std::map<std::string, TouchRow> by_id;
    for (TouchRow& row : rows) by_id.emplace(row.touch_id, std::move(row));
    rows.clear();
    for (const std::string& id : ask.touch_ids) {
      const auto found = by_id.find(id);
      if (found == by_id.end()) {
        return Fail(
            ErrorKind::kUsage,
            fmt::format("touch {} is not unknown: nothing is settled", id));
      }
      rows.push_back(std::move(found->second));
      by_id.erase(found);
    }
  }
  if (ask.dry_run || rows.empty()) return rows;
  store_.Write([&](SQLite::Database& db) {
    Settlement settlement(db, ask, now);
    std::erase_if(rows, [&](const TouchRow& row) {
      return !settlement.Settle(row.touch_id);
    });
    ChannelBook::Note(db, {now, ask.who, "settle", ask.subject,
                           static_cast<int64_t>(rows.size())});
  });
  return rows;
}

}  // namespace rekindle
