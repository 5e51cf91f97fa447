// `rekindle store check|compact|stats`: the data folder's files themselves.
#include <fmt/ostream.h>

#include <filesystem>

#include "config/base/byte_size.h"
#include "daemon/commands/command.h"

namespace rekindle {
namespace {

int Check(Engine& engine, CommandStreams& streams) {
  const std::vector<std::string> damages = engine.CheckFiles();
  for (const std::string& damage : damages) {
    fmt::print(streams.err, "{}\n", damage);
  }
  if (!damages.empty()) return kExitFailed;
  fmt::print(streams.out, "nothing is damaged: {} batches, {} raw events\n",
             engine.journal().stats().batches, engine.journal().stats().events);
  return kExitDone;
}

int64_t SizeOf(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<int64_t>(size);
}

// A database, with what still stands in its log.
int64_t DatabaseSize(const Engine& engine, const std::string& name) {
  return SizeOf(engine.data_dir() / name) +
         SizeOf(engine.data_dir() / (name + "-wal"));
}

int64_t JournalSize(const Engine& engine) {
  return DatabaseSize(engine, "journal.db");
}

int Compact(Engine& engine, CommandStreams& streams) {
  const int64_t before = JournalSize(engine);
  const int64_t merged = engine.CompactJournal(Journal::Flushing::kWait);
  fmt::print(streams.out, "{} batches merged; journal.db was {}, is {}\n",
             merged, FormatByteSize(before),
             FormatByteSize(JournalSize(engine)));
  return kExitDone;
}

int Stats(const CommandLine& line, Engine& engine, CommandStreams& streams) {
  const Journal::Stats journal = engine.journal().stats();
  const Journal::IdStats ids = engine.journal().id_stats();
  const auto settings = engine.settings();
  const Calendar& calendar = settings->calendar;
  const auto instant = [&](const std::optional<Instant>& at) -> Cell {
    if (!at) return std::monostate();
    return calendar.Format(*at);
  };
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  sink->Header({"name", "value"});
  const auto put = [&](std::string name, Cell value) {
    sink->Row({std::move(name), std::move(value)});
  };
  put("journal_bytes", JournalSize(engine));
  put("store_bytes", DatabaseSize(engine, "store.db"));
  put("users", int64_t{engine.CountUsers()});
  put("raw_events", journal.events);
  put("batches", journal.batches);
  put("first_event", instant(journal.first));
  put("last_event", instant(journal.last));
  put("pruned_until", instant(journal.pruned_until));
  put("journal_position", engine.journal().end());
  put("message_ids_recent", ids.recent);
  put("message_ids_flushed", ids.in_runs);
  put("message_id_runs", ids.runs);
  put("message_id_run_bytes", ids.run_bytes);
  put("message_id_filter_bytes", ids.filter_bytes);
  sink->Finish();
  return kExitDone;
}

}  // namespace

int RunStore(const CommandLine& line, Session& session,
             CommandStreams& streams) {
  Engine& engine = session.engine();
  if (line.store_action == "check") return Check(engine, streams);
  if (line.store_action == "compact") return Compact(engine, streams);
  return Stats(line, engine, streams);
}

}  // namespace rekindle
