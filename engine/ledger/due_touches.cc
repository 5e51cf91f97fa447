#include "engine/ledger/due_touches.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <utility>

namespace rekindle {
namespace {

// A provider that did not answer is given this long before the touch is sent
// to it again, so that an outage is not hammered.
constexpr std::chrono::minutes kBeforeRepeat{1};

// Those of a rule that a person paused stay where they are.
const std::string kNotPaused =
    "AND rule_id NOT IN (SELECT rule_id FROM paused_rules) ";

const std::string kColumns =
    "SELECT id, touch_id, rule_id, topic, user, slot, planned_at, due_at, "
    "expires_at, attempts, contents FROM touches t "
    "LEFT JOIN touch_contents ON touch = id ";

const std::string kNextRule =
    "SELECT rule_id FROM touches WHERE state = 'planned' AND channel = ? "
    "AND rule_id > ? " +
    kNotPaused + "ORDER BY rule_id LIMIT 1";

const std::string kOfRule =
    kColumns +
    "WHERE state = 'planned' AND channel = ? AND rule_id = ? AND due_at <= ? "
    "AND (closes_at IS NULL OR closes_at > ?) AND planned_at <= ? "
    "ORDER BY due_at, id LIMIT ?";

const std::string kUnknown =
    kColumns +
    "WHERE state = 'unknown' AND channel = ?1 AND due_at <= ?2 "
    "AND (closes_at IS NULL OR closes_at > ?2) "
    "AND planned_at <= ?3 AND no_repeat = 0 " +
    kNotPaused +
    "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.touch = t.id "
    "AND a.attempt = t.attempts AND a.outcome = 'unknown' "
    "AND a.finished_at > ?4) ORDER BY due_at, id LIMIT ?5";

DueTouch DueOf(SQLite::Statement& get, bool unknown) {
  DueTouch touch;
  touch.id = get.getColumn(0).getInt64();
  touch.touch_id = get.getColumn(1).getString();
  touch.rule_id = get.getColumn(2).getString();
  touch.topic = get.getColumn(3).getString();
  touch.user = get.getColumn(4).getUInt();
  touch.slot = FromMillis(get.getColumn(5).getInt64());
  touch.planned_at = FromMillis(get.getColumn(6).getInt64());
  touch.due_at = FromMillis(get.getColumn(7).getInt64());
  touch.expires_at = FromMillis(get.getColumn(8).getInt64());
  touch.attempts = get.getColumn(9).getInt();
  touch.contents = get.getColumn(10).getString();
  touch.unknown = unknown;
  return touch;
}

}  // namespace

DueTouches::DueTouches(SQLite::Database& db, Statements& statements,
                       std::string channel, Instant now, Instant planned_until)
    : db_(db),
      statements_(statements),
      channel_(std::move(channel)),
      now_(now),
      planned_until_(planned_until) {}

// All with something planned, in order, from the one after `rule` and round.
std::vector<std::string> DueTouches::RulesAfter(const std::string& rule) {
  std::vector<std::string> rules;
  std::string last;
  while (true) {
    SQLite::Statement& next = statements_.Query(db_, kNextRule.c_str());
    SQLite::bind(next, channel_, last);
    const bool found = next.executeStep();
    if (found) last = next.getColumn(0).getString();
    next.reset();
    if (!found) break;
    rules.push_back(last);
  }
  const auto first = std::upper_bound(rules.begin(), rules.end(), rule);
  std::rotate(rules.begin(), first, rules.end());
  return rules;
}

int DueTouches::ReadRule(const std::string& rule, int limit,
                         std::vector<DueTouch>* due) {
  SQLite::Statement& get = statements_.Query(db_, kOfRule.c_str());
  SQLite::bind(get, channel_, rule, ToMillis(now_), ToMillis(now_),
               ToMillis(planned_until_), limit);
  int read = 0;
  for (; get.executeStep(); ++read) due->push_back(DueOf(get, false));
  get.reset();
  return read;
}

std::vector<DueTouch> DueTouches::Planned(int limit, std::string* served_last) {
  std::vector<DueTouch> due;
  const std::vector<std::string> rules = RulesAfter(*served_last);
  for (size_t i = 0; i < rules.size() && limit > 0; ++i) {
    const int left = static_cast<int>(rules.size() - i);
    const int share = (limit + left - 1) / left;
    const int read = ReadRule(rules[i], share, &due);
    if (read > 0) *served_last = rules[i];
    limit -= read;
  }
  return due;
}

std::vector<DueTouch> DueTouches::Unknown(int limit) {
  SQLite::Statement& get = statements_.Query(db_, kUnknown.c_str());
  SQLite::bind(get, channel_, ToMillis(now_), ToMillis(planned_until_),
               ToMillis(now_ - kBeforeRepeat), limit);
  std::vector<DueTouch> due;
  while (get.executeStep()) due.push_back(DueOf(get, true));
  get.reset();
  return due;
}

}  // namespace rekindle
