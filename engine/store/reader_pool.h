// Read-only connections to one database, as many as there are readers at once.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace rekindle {

// Thread-safe; must outlive its leases.
class ReaderPool {
 public:
  explicit ReaderPool(std::filesystem::path file) : file_(std::move(file)) {}

  // One connection with an open read transaction, which sees the state of one
  // moment. The connection goes back to the pool when the lease ends.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<SQLite::Database> db);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    SQLite::Database& db() { return *db_; }

   private:
    ReaderPool& pool_;
    std::unique_ptr<SQLite::Database> db_;
    std::unique_ptr<SQLite::Transaction> transaction_;
  };
  Lease Take();

 private:
  const std::filesystem::path file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<SQLite::Database>> idle_;
};

}  // namespace rekindle
