// What the journal's parts share; no contract for others.
#pragma once

#include <mutex>

#include "engine/journal/batch.h"
#include "engine/journal/event_names.h"
#include "engine/journal/journal.h"
#include "engine/journal/journal_writer.h"
#include "engine/journal/message_ids.h"
#include "engine/store/reader_pool.h"
#include "engine/store/statements.h"

namespace rekindle {

struct Journal::Impl {
  Impl(const std::filesystem::path& file, size_t recent_ids);

  // The positions that a stored batch covers.
  struct Positions {
    JournalPosition first = 0, last = 0;
  };

  Batch ToBatch(std::span<const JournalEvent> events);
  std::vector<Batch> ToBatches(std::span<const JournalEvent> events);
  template <class ForEach>
  JournalPosition Append(const std::vector<Batch>& batches, ForEach&& for_each);
  template <class ForEach>
  std::vector<PackedBatch> Pack(const std::vector<Batch>& batches,
                                ForEach&& for_each);
  // Writes them; they are durable with the writer's next sync.
  void Write(const std::vector<PackedBatch>& batches);
  // REQUIRES: the mutex is held.
  void Count(const PackedBatch& batch);
  void Insert(SQLite::Database& db, const PackedBatch& packed,
              const Positions& positions);
  static void Delete(SQLite::Database& db, JournalPosition number);
  // Reads the stats of what is stored now.
  void ReadStats();

  JournalWriter writer;
  Statements statements;  // of the writer's connection
  ReaderPool readers;
  EventNames names;
  MessageIds ids;

  mutable std::mutex mutex;  // guards the rest
  JournalPosition end = 0;
  Stats stats;
};

}  // namespace rekindle
