// Touches that one statement changes all alike: that takes little more than
// half the time of a statement each.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>

namespace rekindle {

// The end of "WHERE id IN": the list is the statement's first parameter.
inline constexpr char kOfList[] = "(SELECT value FROM json_each(?1))";

class IdList {
 public:
  void Add(int64_t id) {
    ids_ += ids_.empty() ? '[' : ',';
    ids_ += std::to_string(id);
  }
  // Runs a statement over what was added, where anything was. Its other
  // parameters are bound already.
  void Run(SQLite::Statement& statement) const {
    if (ids_.empty()) return;
    statement.bind(1, ids_ + ']');
    statement.exec();
    statement.reset();
  }

 private:
  std::string ids_;  // JSON, but for its end
};

}  // namespace rekindle
