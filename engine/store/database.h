// How all databases of the folder are opened and written.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <type_traits>

namespace rekindle {

// So long a connection waits for another one.
inline constexpr int kBusyTimeoutMs = 10'000;

// SQLite's words name no file: throws the same failure with the name in front.
[[noreturn]] inline void ThrowNamed(const std::filesystem::path& file,
                                    const SQLite::Exception& e) {
  throw SQLite::Exception(file.string() + ": " + e.what(), e.getErrorCode());
}

// Calls f(db) in one IMMEDIATE transaction and commits it; what f throws rolls
// back and passes on. Gives what f gives.
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
