// Rows that an import refused: kept under <data_dir>/dead_letter, one NDJSON
// file an import, so that they can be listed, mended and imported again
// (format `dead_letter`).
//
//   {"file":"events.csv","line":17,"reason":"user_id is empty",
//    "what":"events","format":"csv","header":"user_id,timestamp,event",
//    "record":",2026-01-02,app_open"}
//
// A record or header that is not UTF-8 stands in "record_base64" or
// "header_base64".
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"
#include "engine/intake/input_format.h"

namespace rekindle {

struct RejectedRow {
  std::string file;
  int64_t line = 0;
  std::string reason;
  ImportWhat what = ImportWhat::kEvents;
  ImportFormat format = ImportFormat::kCsv;  // csv or ndjson
  std::string header;                        // of a CSV file, as it stood
  std::string record;                        // as it stood
};

// One line of a dead-letter file, without its end, and back.
std::string ToDeadLetterLine(const RejectedRow& row);
Result<RejectedRow> ParseDeadLetterLine(std::string_view line);

// Writes the rows of one import. The file is made with the first Sync that has
// a row: 20260214T093000Z-events.csv.ndjson, and -2, -3 ... before the ending
// where there is one already. It is opened anew each time, since rows of it may
// be erased meanwhile. Failures of the disk are std::system_error.
class DeadLetterWriter {
 public:
  DeadLetterWriter(std::filesystem::path data_dir, std::string_view file_name,
                   Instant now);

  // In memory until a Sync, which comes by itself when there are many.
  void Write(const RejectedRow& row);
  // Everything written so far is durable when it returns.
  void Sync();
  // Empty where no row was synced.
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path folder_;
  const std::string name_;
  std::filesystem::path path_;
  std::string pending_;
};

// For intake that goes on all day: appends the rows to the day's file
// (20260214-intake.ndjson), durable when it returns. Failures of the disk are
// std::system_error.
void AppendToDeadLetter(const std::filesystem::path& data_dir,
                        std::span<const RejectedRow> rows, Instant now);

struct DeadLetterFile {
  std::filesystem::path path;
  int64_t rows = 0;
};
// In order of their names, that is of time.
std::vector<DeadLetterFile> ListDeadLetters(
    const std::filesystem::path& data_dir);

// Drops the rows that name one of the ids (as a whole word), durably. Returns
// how many. Rows may be written meanwhile, here and in another process.
// Failures of the disk are std::system_error.
int64_t EraseFromDeadLetters(const std::filesystem::path& data_dir,
                             std::span<const std::string> ids);

}  // namespace rekindle
