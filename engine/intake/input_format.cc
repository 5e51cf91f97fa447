#include "engine/intake/input_format.h"

#include <array>
#include <utility>

namespace rekindle {
namespace {

constexpr std::array<std::string_view, 6> kWhats = {
    "events", "users", "touches", "suppressions", "tags", "receipts"};
constexpr std::array<std::string_view, 3> kFormats = {"csv", "ndjson",
                                                      "dead_letter"};

template <class T, size_t N>
std::optional<T> Find(const std::array<std::string_view, N>& names,
                      std::string_view word) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == word) return static_cast<T>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view ImportWhatName(ImportWhat what) {
  return kWhats[static_cast<size_t>(what)];
}
std::optional<ImportWhat> ParseImportWhat(std::string_view word) {
  return Find<ImportWhat>(kWhats, word);
}

std::string_view ImportFormatName(ImportFormat format) {
  return kFormats[static_cast<size_t>(format)];
}
std::optional<ImportFormat> ParseImportFormat(std::string_view word) {
  return Find<ImportFormat>(kFormats, word);
}

ImportFormat FormatOfFile(std::string_view name) {
  constexpr std::string_view kGz = ".gz";
  if (name.ends_with(kGz)) name.remove_suffix(kGz.size());
  for (std::string_view ending : {".ndjson", ".jsonl", ".json"}) {
    if (name.ends_with(ending)) return ImportFormat::kNdjson;
  }
  return ImportFormat::kCsv;
}

}  // namespace rekindle
