// Reading stored batches by number.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string_view>
#include <vector>

#include "engine/journal/batch.h"
#include "engine/journal/event_names.h"
#include "engine/journal/journal.h"

namespace rekindle {

// Reads over one connection. Not thread-safe. A damaged batch throws
// std::runtime_error with its number.
class BatchSource {
 public:
  BatchSource(SQLite::Database& db, const EventNames& names);

  // The batch numbers that a query gives; its values are bound already.
  static std::vector<JournalPosition> Numbers(SQLite::Statement& query);

  // Goes to a batch and unpacks its users; the functions below unpack the rest.
  const BatchReader& Open(JournalPosition number);
  void OpenTimes();
  void OpenProperties();
  const BatchReader& batch() const { return batch_; }
  // Empty where no record has an id, or they are in a run.
  std::vector<IdHash> Ids();

  // Texts of event names by number, those of the open batch included.
  const std::vector<std::string_view>& names() const { return texts_; }
  // Opens the batch and calls f(const StoredEvent&) for its events.
  template <class F>
  void ForEachEvent(JournalPosition number, F&& f) {
    Open(number);
    OpenTimes();
    OpenProperties();
    for (size_t i = 0; i < batch_.size(); ++i) {
      const uint32_t name = batch_.names()[i];
      if (name == 0) continue;
      f(StoredEvent{batch_.users()[i], texts_[name], FromMillis(batch_.at()[i]),
                    batch_.day(i), batch_.properties(i)});
    }
  }

  [[noreturn]] void Damaged() const;

 private:
  SQLite::Database& db_;
  const EventNames& names_;
  SQLite::Statement get_;
  BatchReader batch_;
  JournalPosition number_ = 0;
  std::vector<std::string_view> texts_;
};

}  // namespace rekindle
