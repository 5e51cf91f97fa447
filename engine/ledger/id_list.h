// Touches that one statement changes all alike: that takes little more than
// half the time of a statement each. An UPDATE is one OR FAIL: it spares SQLite
// a copy, in a file, of all pages that it would need to undo this statement
// alone; what fails undoes the whole transaction.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>

namespace rekindle {

class IdList {
 public:
  void Add(int64_t id) {
    ids_ += ids_.empty() ? '[' : ',';
    ids_ += std::to_string(id);
  }
  // Runs a statement "WHERE id IN (SELECT value FROM json_each(?1))" over what
  // was added, where anything was. Its other parameters are bound already.
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
