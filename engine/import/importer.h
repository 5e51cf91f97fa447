// Brings a file of input into the engine.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/import/input_file.h"
#include "engine/intake/input_format.h"

namespace rekindle {

// What a rule hopes for, for touches of campaigns run elsewhere.
struct ImportedGoal {
  std::string behavior;
  Instant until;  // for a touch at the instant asked about
};

struct ImportRequest {
  ImportWhat what = ImportWhat::kEvents;  // not asked for dead letters
  std::optional<ImportFormat> format;     // default: by the file's name
  // The goal of a rule (none: it has none, or is not known here). Asked for
  // touches only; may be empty.
  std::function<std::optional<ImportedGoal>(const std::string& rule_id,
                                            Instant at)>
      goal_of;
};

struct ImportProgress {
  int64_t bytes_read = 0;              // of the file as it lies on disk
  std::optional<int64_t> bytes_total;  // none for a pipe
  int64_t rows = 0;
};

struct ImportSummary {
  int64_t read = 0;  // = accepted + duplicate + rejected
  int64_t accepted = 0;
  int64_t duplicate = 0;  // events whose message_id is known
  int64_t rejected = 0;
  int64_t dropped = 0;  // of the accepted: taken without a bad address
  std::filesystem::path dead_letter;      // empty: nothing was rejected
  std::vector<std::string> first_errors;  // "events.csv:17: why", at most 10
};

// Rows go in by batches, each durable before the next; a bad row is refused
// with its line and reason, kept as a dead letter, and the rest goes on. An
// import cut short may be repeated as a whole: rows with message ids are taken
// once, and days are days. kUsage (nothing is imported) for an invalid header;
// kIo where the input breaks off: what came before stays, the message says how
// much. `progress` (may be empty) is called after each piece of the file, some
// megabytes, and at the end.
Result<ImportSummary> Import(
    Engine& engine, InputFile& file, const ImportRequest& request, Instant now,
    const std::function<void(const ImportProgress&)>& progress);

}  // namespace rekindle
