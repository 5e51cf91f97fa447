#include "engine/store/reader_pool.h"

#include <utility>

#include "engine/store/database.h"

namespace rekindle {

ReaderPool::Lease::Lease(ReaderPool& pool, std::unique_ptr<SQLite::Database> db)
    : pool_(pool),
      db_(std::move(db)),
      transaction_(std::make_unique<SQLite::Transaction>(*db_)) {}

ReaderPool::Lease::~Lease() {
  transaction_.reset();
  std::lock_guard lock(pool_.mutex_);
  pool_.idle_.push_back(std::move(db_));
}

ReaderPool::Lease ReaderPool::Take() {
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto db = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(db));
    }
  }
  return Lease(*this,
               std::make_unique<SQLite::Database>(
                   file_.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs));
}

}  // namespace rekindle
