// What the journal's parts share; no contract for others.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <mutex>

#include "engine/journal/batch.h"
#include "engine/journal/event_names.h"
#include "engine/journal/journal.h"
#include "engine/journal/message_ids.h"
#include "engine/store/reader_pool.h"

namespace rekindle {

struct Journal::Impl {
  explicit Impl(const std::filesystem::path& file);

  void LoadIds();
  Batch ToBatch(std::span<const JournalEvent> events);
  void Insert(const PackedBatch& packed, JournalPosition number);
  void Replace(const PackedBatch& packed, JournalPosition number);
  void ReadStats();

  SQLite::Database writer;
  ReaderPool readers;
  EventNames names;
  MessageIds ids;
  bool ids_loaded = false;

  mutable std::mutex mutex;  // guards the rest
  JournalPosition end = 0;
  Stats stats;
};

}  // namespace rekindle
