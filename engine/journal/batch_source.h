// Reading stored batches by number.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string_view>
#include <vector>

#include "engine/journal/batch.h"
#include "engine/journal/event_names.h"
#include "engine/journal/journal.h"

namespace rekindle {

// Over one connection. Not thread-safe. A batch that does not decode is
// std::runtime_error with its number.
class BatchSource {
 public:
  BatchSource(SQLite::Database& db, const EventNames& names);

  // The numbers that a query with its values bound gives.
  static std::vector<JournalPosition> Numbers(SQLite::Statement& query);

  // The users of a batch, for a look before Open.
  std::vector<UserNumber> Users(JournalPosition number);
  // Empty where no record has an id. REQUIRES: `number` is the open batch.
  std::vector<IdHash> Ids(JournalPosition number);

  const BatchReader& Open(JournalPosition number);
  // The text of a record's event name in the open batch.
  std::string_view NameOf(size_t record);
  // Opens the batch and calls f(const StoredEvent&) for its events.
  template <class F>
  void ForEachEvent(JournalPosition number, F&& f) {
    const BatchReader& batch = Open(number);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (batch.name(i) == 0) continue;
      f(StoredEvent{batch.user(i), NameOf(i), FromMillis(batch.at(i)),
                    batch.day(i), batch.properties(i)});
    }
  }

  [[noreturn]] void Damaged(JournalPosition number) const;

 private:
  void Find(JournalPosition number);

  SQLite::Database& db_;
  const EventNames& names_;
  SQLite::Statement get_;
  BatchReader batch_;
  JournalPosition number_ = 0;
  std::vector<std::string_view> texts_;
};

}  // namespace rekindle
