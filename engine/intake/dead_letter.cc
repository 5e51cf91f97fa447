#include "engine/intake/dead_letter.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <simdjson.h>
#include <sys/file.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

namespace rekindle {
namespace {

constexpr size_t kWriteAt = 256 << 10;

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

// Held while a file that others may append to is written or replaced.
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
bool Names(std::string_view text, std::string_view id) {
  for (size_t at = text.find(id); at != text.npos; at = text.find(id, at + 1)) {
    const size_t end = at + id.size();
    if ((at == 0 || !IsIdCharacter(text[at - 1])) &&
        (end == text.size() || !IsIdCharacter(text[end]))) {
      return true;
    }
  }
  return false;
}

bool NamesOneOf(const std::string& line, std::span<const std::string> ids) {
  const Result<RejectedRow> row = ParseDeadLetterLine(line);
  const std::string& text = row ? row->record : line;
  return std::any_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return Names(text, id); });
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
  return json.dump(-1, ' ', false,
                   nlohmann::ordered_json::error_handler_t::replace);
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

void DeadLetterWriter::Create() {
  std::filesystem::create_directories(folder_);
  for (int n = 1; !out_; ++n) {
    const std::string number = n == 1 ? "" : "-" + std::to_string(n);
    path_ = folder_ / (name_ + number + ".ndjson");
    try {
      out_.emplace(path_, O_WRONLY | O_CREAT | O_EXCL);
    } catch (const std::system_error& e) {
      if (e.code() != std::errc::file_exists) throw;
    }
  }
  SyncFolder(folder_);  // so that the file itself outlives a crash
}

void DeadLetterWriter::Write(const RejectedRow& row) {
  if (!out_) Create();
  pending_ += ToDeadLetterLine(row);
  pending_ += '\n';
  if (pending_.size() >= kWriteAt) Sync();
}

void DeadLetterWriter::Sync() {
  if (pending_.empty()) return;
  out_->Write(pending_);
  pending_.clear();
  out_->Sync();
}

void AppendToDeadLetter(const std::filesystem::path& data_dir,
                        std::span<const RejectedRow> rows, Instant now) {
  if (rows.empty()) return;
  const std::filesystem::path folder = data_dir / "dead_letter";
  std::filesystem::create_directories(folder);
  const std::filesystem::path path =
      folder / (DayStamp(now) + "-intake.ndjson");
  const FolderInUse in_use(folder);
  std::string lines = EndsWithLine(path) ? "" : "\n";
  for (const RejectedRow& row : rows) lines += ToDeadLetterLine(row) + "\n";
  File file(path, O_WRONLY | O_CREAT | O_APPEND);
  file.Write(lines);
  file.Sync();
  in_use.Sync();
}

std::vector<DeadLetterFile> ListDeadLetters(
    const std::filesystem::path& data_dir) {
  std::vector<DeadLetterFile> files;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(data_dir / "dead_letter", none)) {
    if (entry.path().extension() != ".ndjson") continue;
    DeadLetterFile file{entry.path()};
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) ++file.rows;
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const DeadLetterFile& a, const DeadLetterFile& b) {
              return a.path < b.path;
            });
  return files;
}

int64_t EraseFromDeadLetters(const std::filesystem::path& data_dir,
                             std::span<const std::string> ids) {
  int64_t erased = 0;
  if (!std::filesystem::exists(data_dir / "dead_letter")) return erased;
  const FolderInUse in_use(data_dir / "dead_letter");
  for (const DeadLetterFile& file : ListDeadLetters(data_dir)) {
    const std::filesystem::path kept = file.path.string() + ".new";
    int64_t here = 0;
    {
      std::ifstream in(file.path);
      std::ofstream out(kept, std::ios::trunc);
      for (std::string line; std::getline(in, line);) {
        if (NamesOneOf(line, ids)) {
          ++here;
        } else {
          out << line << '\n';
        }
      }
      if (!out.flush()) ThrowErrno(kept);
    }
    if (here == 0 || here == file.rows) {
      std::filesystem::remove(kept);
      if (here > 0) std::filesystem::remove(file.path);
    } else {
      std::filesystem::permissions(kept,
                                   std::filesystem::perms::owner_read |
                                       std::filesystem::perms::owner_write);
      std::filesystem::rename(kept, file.path);
    }
    erased += here;
  }
  return erased;
}

}  // namespace rekindle
