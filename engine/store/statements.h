// Prepared statements, kept for the next time: preparing one costs more than
// running it.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rekindle {

// Bytes to bind; they live until the statement ran.
struct BlobView {
  std::string_view bytes;
};

// The bytes of a row's column; they live until the statement goes on.
inline std::string_view BlobOf(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()),
          static_cast<size_t>(column.getBytes())};
}

// Not thread-safe; must not outlive the database.
class Statements {
 public:
  // A statement with rows, ready to be bound and stepped. Asking for it again
  // begins anew. `sql` must stay at its address as long as the program runs:
  // statements are kept by it.
  SQLite::Statement& Query(SQLite::Database& db, const char* sql) {
    return Get(db, sql);
  }
  // Binds the values in order and runs the statement to its end. `sql` as
  // above.
  template <class... Values>
  void Run(SQLite::Database& db, const char* sql, const Values&... values) {
    SQLite::Statement& statement = Get(db, sql);
    int index = 0;
    (Bind(statement, ++index, values), ...);
    statement.exec();
    statement.reset();
  }

 private:
  SQLite::Statement& Get(SQLite::Database& db, const char* sql) {
    if (db_ != &db) kept_.clear();
    db_ = &db;
    std::unique_ptr<SQLite::Statement>& kept = kept_[sql];
    if (!kept) kept = std::make_unique<SQLite::Statement>(db, sql);
    kept->tryReset();  // after one that failed
    kept->clearBindings();
    return *kept;
  }

  static void Bind(SQLite::Statement& s, int i, int64_t value) {
    s.bind(i, value);
  }
  static void Bind(SQLite::Statement& s, int i, std::string_view value) {
    s.bind(i, std::string(value));
  }
  static void Bind(SQLite::Statement& s, int i, const std::string& value) {
    s.bindNoCopy(i, value);  // it outlives the run
  }
  static void Bind(SQLite::Statement& s, int i, BlobView value) {
    s.bindNoCopy(i, static_cast<const void*>(value.bytes.data()),
                 static_cast<int>(value.bytes.size()));
  }
  template <class T>
  static void Bind(SQLite::Statement& s, int i, const std::optional<T>& value) {
    if (value) Bind(s, i, *value);  // else NULL, as the bindings are cleared
  }

  SQLite::Database* db_ = nullptr;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> kept_;
};

}  // namespace rekindle
