// SQLite as one would use it for the same intake: a table keyed by message id
// (16 bytes, WITHOUT ROWID: the fastest key it has), write-ahead log, every
// transaction synced. Rows are made beforehand.
//   rekindle_bench_sqlite FILE --batch 100 --rows 500000 --seconds 4
// Ends at whichever comes first; prints {"rows": .., "seconds": ..}.
#include <SQLiteCpp/SQLiteCpp.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/model/population.h"
#include "tests/bench/programs/stopwatch.h"

namespace rekindle::bench {
namespace {

struct Options {
  std::string file;
  size_t batch = 100;
  size_t rows = 2'000'000;
  double seconds = 1e9;
};

struct Row {
  std::array<uint64_t, 2> id;
  uint32_t user, at, behavior;
};

std::vector<Row> MakeRows(size_t count) {
  std::vector<Row> rows(count);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t a = Mix(2 * i + 7), b = Mix(2 * i + 8);
    rows[i] = {{a, b},
               static_cast<uint32_t>(a % 2'000'000),
               static_cast<uint32_t>(kStart + static_cast<int64_t>(i)),
               static_cast<uint32_t>(1 + b % kBehaviors)};
  }
  return rows;
}

class Table {
 public:
  explicit Table(const std::string& file)
      : db_(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    db_.exec("PRAGMA journal_mode = WAL");
    db_.exec("PRAGMA synchronous = FULL");
    db_.exec("PRAGMA cache_size = -262144");
    db_.exec(
        "CREATE TABLE events (id BLOB PRIMARY KEY, user INT, at INT,"
        " behavior INT) WITHOUT ROWID");
    insert_.emplace(db_, "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)");
  }

  void Insert(const Row* rows, size_t count) {
    SQLite::Transaction transaction(db_,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    for (size_t i = 0; i < count; ++i) {
      insert_->bindNoCopy(1, rows[i].id.data(), sizeof(rows[i].id));
      insert_->bind(2, rows[i].user);
      insert_->bind(3, rows[i].at);
      insert_->bind(4, rows[i].behavior);
      insert_->exec();
      insert_->reset();
    }
    transaction.commit();
  }

 private:
  SQLite::Database db_;
  std::optional<SQLite::Statement> insert_;
};

void RemoveDatabase(const std::string& file) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(file + suffix);
  }
}

void Run(const Options& options) {
  const std::vector<Row> rows = MakeRows(options.rows);
  RemoveDatabase(options.file);
  size_t done = 0;
  double seconds = 0;
  {
    Table table(options.file);
    const Stopwatch watch;
    while (done < rows.size() && watch.Seconds() < options.seconds) {
      const size_t count = std::min(options.batch, rows.size() - done);
      table.Insert(rows.data() + done, count);
      done += count;
    }
    seconds = watch.Seconds();
  }
  RemoveDatabase(options.file);
  std::cout << nlohmann::json{{"rows", done}, {"seconds", seconds}} << "\n";
}

}  // namespace
}  // namespace rekindle::bench

int main(int argc, char** argv) {
  rekindle::bench::Options options;
  CLI::App app("Keyed, durable inserts into SQLite.");
  app.add_option("file", options.file)->required();
  app.add_option("--batch", options.batch, "rows a transaction");
  app.add_option("--rows", options.rows, "at most");
  app.add_option("--seconds", options.seconds, "at most");
  CLI11_PARSE(app, argc, argv);
  rekindle::bench::Run(options);
}
