#include "engine/ledger/rule_versions.h"

namespace rekindle {

const char kRuleVersionsSchema[] = R"sql(
CREATE TABLE rule_versions (
  id INTEGER PRIMARY KEY,
  rule_id TEXT NOT NULL,
  version TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;
CREATE INDEX rule_versions_by_rule ON rule_versions (rule_id, id);
)sql";

namespace {

std::map<std::string, std::string> InForce(SQLite::Database& db) {
  SQLite::Statement get(db,
                        "SELECT rule_id, version FROM rule_versions "
                        "ORDER BY id");
  std::map<std::string, std::string> versions;
  while (get.executeStep()) {
    versions[get.getColumn(0).getString()] = get.getColumn(1).getString();
  }
  return versions;
}

}  // namespace

void NoteVersions(SQLite::Database& db,
                  const std::map<std::string, std::string>& rules,
                  Instant now) {
  std::map<std::string, std::string> changed = rules;
  for (const auto& [rule, version] : InForce(db)) {
    const auto found = changed.find(rule);
    if (found != changed.end() && found->second == version) {
      changed.erase(found);
    }
  }
  SQLite::Statement put(db,
                        "INSERT INTO rule_versions (rule_id, version, since) "
                        "VALUES (?, ?, ?)");
  for (const auto& [rule, version] : changed) {
    SQLite::bind(put, rule, version, ToMillis(now));
    put.exec();
    put.reset();
  }
}

std::vector<RuleVersion> VersionsOf(const Store& store,
                                    const std::string& rule_id) {
  return store.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT version, since FROM rule_versions "
                          "WHERE rule_id = ? ORDER BY id DESC");
    get.bind(1, rule_id);
    std::vector<RuleVersion> versions;
    while (get.executeStep()) {
      versions.push_back({get.getColumn(0).getString(),
                          FromMillis(get.getColumn(1).getInt64())});
    }
    return versions;
  });
}

}  // namespace rekindle
