// Where tracked links lead, by touch.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "config/base/calendar.h"
#include "engine/links/link_token.h"

namespace rekindle {

// Lives inside one transaction of the store.
class LinkWriter {
 public:
  explicit LinkWriter(SQLite::Database& db);
  // Writes the targets of a touch's links, numbered from 1.
  void Write(int64_t touch, std::span<const std::string> targets);

 private:
  SQLite::Statement target_, link_;
};
// Deletes targets that no touch leads to any more.
void EraseUnusedTargets(SQLite::Database& db);

// What a token that went out with a touch leads back to.
struct LinkVisit {
  std::string touch_id;
  std::string channel;
  std::string topic;
  std::optional<Instant> sent_at;  // when the channel took it
  int number = 0;                  // of the token
  int links = 0;                   // how many the touch has
  std::string target;              // of the link of that number; or empty
};

// Nothing where the token is not one of `key` for this use, or its touch is
// gone.
std::optional<LinkVisit> FindVisit(SQLite::Database& db, std::string_view key,
                                   TokenUse use, std::string_view token);

}  // namespace rekindle
