// What an import brings, and how it is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rekindle {

enum class ImportWhat {
  kEvents,
  kUsers,
  kTouches,
  kSuppressions,
  kTags,
  kReceipts
};
enum class ImportFormat {
  kCsv,
  kNdjson,
  kDeadLetter,  // rows refused earlier, each with its own what and format
};

// "events" "users" "touches" "suppressions" "tags" "receipts"
std::string_view ImportWhatName(ImportWhat what);
std::optional<ImportWhat> ParseImportWhat(std::string_view word);

// "csv" "ndjson" "dead_letter"
std::string_view ImportFormatName(ImportFormat format);
std::optional<ImportFormat> ParseImportFormat(std::string_view word);

// By the file's name, a final .gz left out: .ndjson, .jsonl and .json are
// NDJSON, everything else (standard input too) is CSV.
ImportFormat FormatOfFile(std::string_view name);

}  // namespace rekindle
