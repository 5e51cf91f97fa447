#include "engine/intake/dead_letter.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <simdjson.h>
#include <sys/file.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "config/base/file.h"
#include "config/base/json_text.h"
#include "config/base/utf8.h"

namespace rekindle {
namespace {

constexpr size_t kWriteAt = 256 << 10;
constexpr std::string_view kEnding = ".ndjson";
constexpr std::string_view kCopyEnding = ".ndjson.new";  // of what is kept

std::string ToBase64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  int length = EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  text.resize(length);
  return text;
}

Result<std::string> FromBase64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  int length = EVP_DecodeBlock(
      reinterpret_cast<unsigned char*>(bytes.data()),
      reinterpret_cast<const unsigned char*>(text.data()), text.size());
  if (length < 0) return Fail(ErrorKind::kUsage, "not base64");
  length -= text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(length);
  return bytes;
}

void Put(nlohmann::ordered_json* row, const std::string& key,
         const std::string& bytes) {
  if (simdjson::validate_utf8(bytes)) {
    (*row)[key] = bytes;
  } else {
    (*row)[key + "_base64"] = ToBase64(bytes);
  }
}

// The text under `key` or `key`_base64; empty where there is neither.
Result<std::string> Get(simdjson::dom::object row, const std::string& key) {
  std::string_view text;
  if (!row[key].get_string().get(text)) return std::string(text);
  if (!row[key + "_base64"].get_string().get(text)) return FromBase64(text);
  return "";
}

// Held while a file of the folder is written or replaced: whoever writes may
// find that the file was replaced or removed since, and opens it by its name.
class FolderInUse {
 public:
  explicit FolderInUse(const std::filesystem::path& folder)
      : folder_(folder, O_RDONLY | O_DIRECTORY) {
    while (flock(folder_.descriptor(), LOCK_EX) != 0) {
      if (errno != EINTR) ThrowErrno(folder);
    }
  }
  void Sync() const { folder_.Sync(); }

 private:
  File folder_;
};

// False where a crash cut its last line short.
bool EndsWithLine(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() == 0) return true;
  in.seekg(-1, std::ios::end);
  return in.get() == '\n';
}

// A name that no file has yet.
std::filesystem::path NewFile(const std::filesystem::path& folder,
                              const std::string& name) {
  for (int n = 1;; ++n) {
    const std::string number = n == 1 ? "" : "-" + std::to_string(n);
    std::filesystem::path path =
        folder / (name + number + std::string(kEnding));
    if (!std::filesystem::exists(path)) return path;
  }
}

// They are durable when it returns, the file too.
void AppendLines(const std::filesystem::path& path, const std::string& lines,
                 const FolderInUse& in_use) {
  const bool torn = !EndsWithLine(path);
  File file(path, O_WRONLY | O_CREAT | O_APPEND);
  file.Write(torn ? "\n" + lines : lines);
  file.Sync();
  in_use.Sync();
}

// In order of their names.
std::vector<std::filesystem::path> FilesIn(const std::filesystem::path& folder,
                                           std::string_view ending) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.path().native().ends_with(ending) &&
        entry.is_regular_file(none)) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string DayStamp(Instant at) {
  std::string day = FormatDay(
      LocalDay(std::chrono::floor<std::chrono::days>(at).time_since_epoch()));
  std::erase(day, '-');
  return day;
}

std::string Stamp(Instant at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss time(
      std::chrono::floor<std::chrono::seconds>(at - day));
  char text[32];
  std::snprintf(
      text, sizeof(text), "%04d%02u%02uT%02d%02d%02dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return text;
}

bool IsIdCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ||
         (c & 0x80) != 0;
}

// True where the id stands in the text and is not a part of a longer one.
bool IsNamedIn(std::string_view text, std::string_view id) {
  for (size_t at = text.find(id); at != text.npos; at = text.find(id, at + 1)) {
    const size_t end = at + id.size();
    if ((at == 0 || !IsIdCharacter(text[at - 1])) &&
        (end == text.size() || !IsIdCharacter(text[end]))) {
      return true;
    }
  }
  return false;
}

// Of a \u escape, behind its u; nothing where its digits are none.
std::optional<char32_t> CodeUnitAt(std::string_view json, size_t at) {
  constexpr size_t kDigits = 4;
  const std::string_view digits =
      json.substr(std::min(at, json.size()), kDigits);
  uint32_t unit = 0;
  const auto read =
      std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  const bool whole = read.ptr == digits.data() + digits.size();
  if (!whole || digits.size() < kDigits) return std::nullopt;
  return unit;
}

// Takes a \u escape off the text, or two that are one character.
std::optional<char32_t> TakeEscapedCharacter(std::string_view* json) {
  constexpr size_t kSize = 6;
  const std::optional<char32_t> first = CodeUnitAt(*json, 2);
  if (!first) return std::nullopt;
  if (*first < 0xD800 || *first > 0xDFFF) {
    json->remove_prefix(kSize);
    return first;
  }
  const auto second = json->substr(kSize).starts_with("\\u")
                          ? CodeUnitAt(*json, kSize + 2)
                          : std::nullopt;
  if (*first > 0xDBFF || !second || *second < 0xDC00 || *second > 0xDFFF) {
    return std::nullopt;
  }
  json->remove_prefix(2 * kSize);
  return 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
}

// JSON with its escapes undone, those that cannot be read apart. Clients write
// the same id in several ways: "\u5f20" (Python), "a\/b" (PHP).
std::string WithoutEscapes(std::string_view json) {
  std::string text;
  while (!json.empty()) {
    const size_t plain = std::min(json.find('\\'), json.size());
    text += json.substr(0, plain);
    json.remove_prefix(plain);
    if (json.size() < 2) break;
    if (json[1] == 'u') {
      if (const auto character = TakeEscapedCharacter(&json)) {
        AppendCharacter(*character, &text);
        continue;
      }
    }
    constexpr std::string_view kLetters = "bfnrt", kMeant = "\b\f\n\r\t";
    const size_t letter = kLetters.find(json[1]);
    text += letter == kLetters.npos ? json[1] : kMeant[letter];
    json.remove_prefix(2);
  }
  return text;
}

// A record as it is meant, for who looks for a text in it.
std::string AsMeant(const RejectedRow& row) {
  if (row.format == ImportFormat::kNdjson) return WithoutEscapes(row.record);
  return boost::replace_all_copy(row.record, "\"\"", "\"");
}

bool NamesOneOf(const std::string& line, std::span<const std::string> ids) {
  const Result<RejectedRow> row = ParseDeadLetterLine(line);
  // Cut short by a crash, it is JSON that holds JSON.
  const std::string text =
      row ? AsMeant(*row) : WithoutEscapes(WithoutEscapes(line));
  const std::string& as_written = row ? row->record : line;
  return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
    return IsNamedIn(as_written, id) || IsNamedIn(text, id);
  });
}

struct Parted {
  int64_t kept = 0;
  int64_t erased = 0;
};

// Writes the lines that name none of the ids to `copy`, durably where they are
// not all.
Parted CopyOthers(const std::filesystem::path& path,
                  std::span<const std::string> ids,
                  const std::filesystem::path& copy) {
  Parted lines;
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) ThrowErrno(path);
  File out(copy, O_WRONLY | O_CREAT | O_TRUNC);
  std::string pending;
  for (std::string line; std::getline(in, line);) {
    if (NamesOneOf(line, ids)) {
      ++lines.erased;
      continue;
    }
    ++lines.kept;
    pending += line + '\n';
    if (pending.size() < kWriteAt) continue;
    out.Write(pending);
    pending.clear();
  }
  if (in.bad()) throw std::system_error(EIO, std::generic_category(), path);
  out.Write(pending);
  if (lines.erased > 0) out.Sync();
  return lines;
}

// Returns how many lines went. The folder is in use.
int64_t EraseFrom(const std::filesystem::path& path,
                  std::span<const std::string> ids) {
  const std::filesystem::path copy = path.string() + ".new";
  try {
    const Parted lines = CopyOthers(path, ids, copy);
    if (lines.erased > 0 && lines.kept > 0) {
      std::filesystem::rename(copy, path);
      return lines.erased;
    }
    std::filesystem::remove(copy);
    if (lines.erased > 0) std::filesystem::remove(path);
    return lines.erased;
  } catch (...) {
    std::error_code none;
    std::filesystem::remove(copy, none);
    throw;
  }
}

}  // namespace

std::string ToDeadLetterLine(const RejectedRow& row) {
  nlohmann::ordered_json json;
  json["file"] = row.file;
  json["line"] = row.line;
  json["reason"] = row.reason;
  json["what"] = ImportWhatName(row.what);
  json["format"] = ImportFormatName(row.format);
  if (row.format == ImportFormat::kCsv) Put(&json, "header", row.header);
  Put(&json, "record", row.record);
  return JsonText(json);
}

Result<RejectedRow> ParseDeadLetterLine(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::object json;
  std::string_view file, reason, what, format;
  RejectedRow row;
  if (parser.parse(line.data(), line.size()).get_object().get(json) ||
      json["file"].get_string().get(file) ||
      json["line"].get_int64().get(row.line) ||
      json["what"].get_string().get(what) ||
      json["format"].get_string().get(format) ||
      json["reason"].get_string().get(reason)) {
    return Fail(ErrorKind::kUsage, "not a line of a dead-letter file");
  }
  std::optional<ImportWhat> known_what = ParseImportWhat(what);
  std::optional<ImportFormat> known_format = ParseImportFormat(format);
  Result<std::string> header = Get(json, "header");
  Result<std::string> record = Get(json, "record");
  if (!known_what || !known_format || !header || !record ||
      *known_format == ImportFormat::kDeadLetter) {
    return Fail(ErrorKind::kUsage, "not a line of a dead-letter file");
  }
  row.file = file;
  row.reason = reason;
  row.what = *known_what;
  row.format = *known_format;
  row.header = std::move(*header);
  row.record = std::move(*record);
  return row;
}

DeadLetterWriter::DeadLetterWriter(std::filesystem::path data_dir,
                                   std::string_view file_name, Instant now)
    : folder_(data_dir / "dead_letter"),
      name_(Stamp(now) + "-" +
            std::filesystem::path(file_name).filename().string()) {}

void DeadLetterWriter::Write(const RejectedRow& row) {
  pending_ += ToDeadLetterLine(row);
  pending_ += '\n';
  if (pending_.size() >= kWriteAt) Sync();
}

void DeadLetterWriter::Sync() {
  if (pending_.empty()) return;
  std::filesystem::create_directories(folder_);
  const FolderInUse in_use(folder_);
  if (path_.empty()) path_ = NewFile(folder_, name_);
  AppendLines(path_, pending_, in_use);
  pending_.clear();
}

void AppendToDeadLetter(const std::filesystem::path& data_dir,
                        std::span<const RejectedRow> rows, Instant now) {
  if (rows.empty()) return;
  const std::filesystem::path folder = data_dir / "dead_letter";
  std::filesystem::create_directories(folder);
  std::string lines;
  for (const RejectedRow& row : rows) lines += ToDeadLetterLine(row) + "\n";
  const FolderInUse in_use(folder);
  AppendLines(folder / (DayStamp(now) + "-intake.ndjson"), lines, in_use);
}

std::vector<DeadLetterFile> ListDeadLetters(
    const std::filesystem::path& data_dir) {
  std::vector<DeadLetterFile> files;
  for (std::filesystem::path& path :
       FilesIn(data_dir / "dead_letter", kEnding)) {
    DeadLetterFile file{std::move(path)};
    std::ifstream in(file.path);
    for (std::string line; std::getline(in, line);) ++file.rows;
    files.push_back(std::move(file));
  }
  return files;
}

int64_t EraseFromDeadLetters(const std::filesystem::path& data_dir,
                             std::span<const std::string> ids) {
  const std::filesystem::path folder = data_dir / "dead_letter";
  int64_t erased = 0;
  if (!std::filesystem::exists(folder)) return erased;
  const FolderInUse in_use(folder);
  // A crash left them: they may name anybody.
  for (const std::filesystem::path& stray : FilesIn(folder, kCopyEnding)) {
    std::filesystem::remove(stray);
  }
  for (const std::filesystem::path& path : FilesIn(folder, kEnding)) {
    erased += EraseFrom(path, ids);
  }
  in_use.Sync();
  return erased;
}

}  // namespace rekindle
