#include "engine/touches/touched.h"

#include <string_view>

namespace rekindle {
namespace {

// " AND name IN (?, ?)", or nothing.
std::string In(std::string_view name, size_t values) {
  if (values == 0) return "";
  std::string text = " AND " + std::string(name) + " IN (?";
  for (size_t i = 1; i < values; ++i) text += ", ?";
  return text + ")";
}

std::string WhereOf(const TouchQuestion& question) {
  return " FROM touches WHERE planned_at >= ? AND planned_at < ?" +
         In("rule_id", question.rules.size()) +
         In("channel", question.channels.size()) +
         In("state", question.states.size());
}

// Gives the number of the next parameter.
int Bind(SQLite::Statement& get, const TouchQuestion& question,
         Instant before) {
  int next = 1;
  get.bind(next++, question.from ? ToMillis(*question.from) : INT64_MIN);
  get.bind(next++, ToMillis(before));
  for (const std::string& rule : question.rules) get.bind(next++, rule);
  for (const std::string& id : question.channels) get.bind(next++, id);
  for (TouchState state : question.states) {
    get.bind(next++, std::string(TouchStateName(state)));
  }
  return next;
}

}  // namespace

UserSet UsersTouched(SQLite::Database& db, const TouchQuestion& question,
                     Instant before) {
  SQLite::Statement get(db, "SELECT user" + WhereOf(question));
  Bind(get, question, before);
  UserSet users;
  while (get.executeStep()) users.Add(get.getColumn(0).getUInt());
  return users;
}

std::optional<PlannedTouch> LastTouch(SQLite::Database& db,
                                      const TouchQuestion& question,
                                      Instant before, UserNumber user) {
  SQLite::Statement get(db, "SELECT rule_id, channel, state, planned_at" +
                                WhereOf(question) +
                                " AND user = ? ORDER BY planned_at DESC, id "
                                "DESC LIMIT 1");
  get.bind(Bind(get, question, before), user);
  if (!get.executeStep()) return std::nullopt;
  return PlannedTouch{get.getColumn(0).getString(),
                      get.getColumn(1).getString(),
                      ParseTouchState(get.getColumn(2).getString())
                          .value_or(TouchState::kUnknown),
                      FromMillis(get.getColumn(3).getInt64())};
}

}  // namespace rekindle
