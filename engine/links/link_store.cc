#include "engine/links/link_store.h"

#include <SQLiteCpp/VariadicBind.h>

namespace rekindle {

LinkWriter::LinkWriter(SQLite::Database& db)
    : target_(
          db,
          "INSERT INTO link_targets (url) VALUES (?) ON CONFLICT DO NOTHING"),
      link_(db,
            "INSERT INTO touch_links (touch, number, target) "
            "SELECT ?, ?, id FROM link_targets WHERE url = ?") {}

void LinkWriter::Write(int64_t touch, std::span<const std::string> targets) {
  int number = 0;
  for (const std::string& target : targets) {
    SQLite::bind(target_, target);
    target_.exec();
    target_.reset();
    SQLite::bind(link_, touch, ++number, target);
    link_.exec();
    link_.reset();
  }
}

void EraseUnusedTargets(SQLite::Database& db) {
  db.exec(
      "DELETE FROM link_targets WHERE NOT EXISTS "
      "(SELECT 1 FROM touch_links WHERE target = link_targets.id)");
}

std::optional<LinkVisit> FindVisit(SQLite::Database& db, std::string_view key,
                                   TokenUse use, std::string_view text) {
  const auto token = ParseToken(text);
  if (!token) return std::nullopt;
  // The touch is named by the first half of its id.
  SQLite::Statement get(
      db,
      "SELECT t.touch_id, t.channel, t.topic, (SELECT a.finished_at FROM "
      "attempts a WHERE a.touch = t.id AND a.attempt = t.attempts), "
      "(SELECT count(*) FROM touch_links l WHERE l.touch = t.id), "
      "(SELECT g.url FROM touch_links l JOIN link_targets g ON g.id = l.target "
      "WHERE l.touch = t.id AND l.number = ?3) "
      "FROM touches t WHERE t.touch_id >= ?1 AND t.touch_id < ?2");
  SQLite::bind(get, token->touch, token->touch + "g", token->number);
  while (get.executeStep()) {
    LinkVisit visit;
    visit.touch_id = get.getColumn(0).getString();
    if (!Verifies(*token, key, use, visit.touch_id)) continue;
    visit.channel = get.getColumn(1).getString();
    visit.topic = get.getColumn(2).getString();
    if (!get.getColumn(3).isNull()) {
      visit.sent_at = FromMillis(get.getColumn(3).getInt64());
    }
    visit.number = token->number;
    visit.links = get.getColumn(4).getInt();
    visit.target = get.getColumn(5).getString();
    return visit;
  }
  return std::nullopt;
}

}  // namespace rekindle
