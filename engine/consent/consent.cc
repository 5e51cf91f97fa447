#include "engine/consent/consent.h"

#include <SQLiteCpp/VariadicBind.h>

#include "engine/consent/consent_checks.h"

namespace rekindle {

Consents::Consents(const EngineSettings& settings)
    : granted_by_default_(settings.consent.granted_by_default) {}

bool Consents::granted_by_default() const { return granted_by_default_; }

void Consents::Set(SQLite::Database& db, UserNumber user,
                   std::string_view topic, bool granted) {
  SQLite::Statement put(db,
                        "INSERT INTO consents (topic, user, granted) "
                        "VALUES (?, ?, ?) ON CONFLICT (topic, user) "
                        "DO UPDATE SET granted = excluded.granted");
  SQLite::bind(put, std::string(topic), user, granted ? 1 : 0);
  put.exec();
}

bool Consents::Granted(SQLite::Database& db, UserNumber user,
                       std::string_view topic) const {
  Statements statements;
  return ConsentChecks(db, statements, granted_by_default_)
      .Granted(user, std::string(topic));
}

UserSet Consents::Exceptions(SQLite::Database& db,
                             std::string_view topic) const {
  SQLite::Statement get(db,
                        "SELECT user FROM consents "
                        "WHERE topic = ? AND granted = ?");
  SQLite::bind(get, std::string(topic), granted_by_default_ ? 0 : 1);
  UserSet users;
  while (get.executeStep()) users.Add(get.getColumn(0).getUInt());
  return users;
}

void Consents::Suppress(SQLite::Database& db, const Suppression& entry) {
  SQLite::Statement put(
      db,
      "INSERT INTO suppressions (channel, address, user_id, reason, at) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  SQLite::bind(put, entry.channel, entry.address, entry.user_id, entry.reason,
               ToMillis(entry.at));
  put.exec();
}

bool Consents::IsSuppressed(SQLite::Database& db, std::string_view channel,
                            std::string_view address,
                            std::string_view user_id) {
  Statements statements;
  return ConsentChecks(db, statements, true)
      .IsSuppressed(std::string(channel), std::string(address),
                    std::string(user_id));
}

std::vector<Suppression> Consents::List(SQLite::Database& db) {
  SQLite::Statement get(db,
                        "SELECT channel, address, user_id, reason, at "
                        "FROM suppressions ORDER BY at, channel, address, "
                        "user_id");
  std::vector<Suppression> entries;
  while (get.executeStep()) {
    entries.push_back(
        {get.getColumn(0).getString(), get.getColumn(1).getString(),
         get.getColumn(2).getString(), get.getColumn(3).getString(),
         FromMillis(get.getColumn(4).getInt64())});
  }
  return entries;
}

void Consents::ForEachIn(SQLite::Database& db, const std::string& channel,
                         const std::function<void(const Suppression&)>& f) {
  SQLite::Statement get(db,
                        "SELECT address, user_id FROM suppressions "
                        "WHERE channel IN ('', ?)");
  get.bind(1, channel);
  Suppression entry{.channel = channel};
  while (get.executeStep()) {
    entry.address = get.getColumn(0).getString();
    entry.user_id = get.getColumn(1).getString();
    f(entry);
  }
}

void Consents::MoveUser(SQLite::Database& db, UserNumber from,
                        std::string_view from_id, UserNumber into,
                        std::string_view into_id) {
  SQLite::Statement move(db,
                         "INSERT INTO consents (topic, user, granted) "
                         "SELECT topic, ?2, granted FROM consents "
                         "WHERE user = ?1 ON CONFLICT (topic, user) DO UPDATE "
                         "SET granted = min(granted, excluded.granted)");
  SQLite::bind(move, from, into);
  move.exec();
  SQLite::Statement suppress(
      db,
      "INSERT INTO suppressions (channel, address, user_id, reason, at) "
      "SELECT channel, address, ?2, reason, at FROM suppressions "
      "WHERE user_id = ?1 AND user_id <> '' ON CONFLICT DO NOTHING");
  SQLite::bind(suppress, std::string(from_id), std::string(into_id));
  suppress.exec();
  EraseUser(db, from, from_id);
}

void Consents::EraseUser(SQLite::Database& db, UserNumber user,
                         std::string_view user_id) {
  SQLite::Statement consents(db, "DELETE FROM consents WHERE user = ?");
  SQLite::bind(consents, user);
  consents.exec();
  SQLite::Statement suppressions(
      db, "DELETE FROM suppressions WHERE user_id = ? AND user_id <> ''");
  SQLite::bind(suppressions, std::string(user_id));
  suppressions.exec();
}

}  // namespace rekindle
