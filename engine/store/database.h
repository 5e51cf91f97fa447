// How all databases of the folder are opened and written.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <type_traits>

namespace rekindle {

// How long a connection waits for another one.
inline constexpr int kBusyTimeoutMs = 10'000;

// Throws the failure again with the file's name in front, as SQLite names none.
[[noreturn]] inline void ThrowNamed(const std::filesystem::path& file,
                                    const SQLite::Exception& e) {
  throw SQLite::Exception(file.string() + ": " + e.what(), e.getErrorCode());
}

// Calls f(db) in one IMMEDIATE transaction and commits it; an exception of f
// rolls back and passes on. Returns what f returns.
template <class F>
auto InTransaction(SQLite::Database& db, F&& f) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  if constexpr (std::is_void_v<decltype(f(db))>) {
    f(db);
    transaction.commit();
  } else {
    auto result = f(db);
    transaction.commit();
    return result;
  }
}

}  // namespace rekindle
