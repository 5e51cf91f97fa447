#include "engine/intake/row_source.h"

#include <sstream>
#include <utility>
#include <vector>

#include "config/base/csv.h"
#include "config/base/words.h"
#include "engine/intake/csv_users.h"
#include "engine/intake/dead_letter.h"
#include "engine/intake/json_text.h"
#include "engine/intake/ndjson.h"

namespace rekindle {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

tl::unexpected<Error> Pass(const Error& error) {
  return tl::make_unexpected(error);
}

Result<InputRow> ReadCsvRecord(const CsvReader& csv,
                               const std::vector<std::string>& cells,
                               const CsvRowReader& reader) {
  if (!csv.error().empty()) return Fail(ErrorKind::kUsage, csv.error());
  if (!simdjson::validate_utf8(csv.raw())) {
    return Fail(ErrorKind::kUsage, "not UTF-8 text");
  }
  return reader.Read(cells);
}

Result<InputRow> ReadJsonRecord(JsonRowReader& json, ImportWhat what,
                                std::string_view line, Instant now) {
  if (what == ImportWhat::kUsers) return json.ReadUser(line, now);
  Result<Message> message = json.ReadMessage(line, now);
  if (!message) return Pass(message.error());
  return std::move(*message);
}

class CsvSource : public RowSource {
 public:
  CsvSource(InputFile& file, ImportWhat what)
      : file_(file),
        csv_(file.stream()),
        context_(std::make_shared<RowContext>(
            RowContext{file.name(), what, ImportFormat::kCsv, ""})) {}

  Status ReadHeader(const Calendar& calendar) {
    std::string where = file_.name() + ":";
    bool found = csv_.Next(&cells_);
    if (file_.error()) return Pass(*file_.error());
    if (!found) {
      return Fail(ErrorKind::kUsage,
                  where + " the file is empty; a header line was expected");
    }
    where += std::to_string(csv_.line()) + ": ";
    if (!csv_.error().empty()) {
      return Fail(ErrorKind::kUsage,
                  where + "the header cannot be read: " + csv_.error());
    }
    Result<std::unique_ptr<CsvRowReader>> reader =
        MakeCsvRowReader(context_->what, cells_, calendar);
    if (!reader) {
      return Fail(reader.error().kind, where + reader.error().message);
    }
    reader_ = std::move(*reader);
    context_->header = csv_.raw();
    return {};
  }

  bool Next(SourceRow* row) override {
    // What broke off may have lost its end.
    if (!csv_.Next(&cells_) || file_.error()) return false;
    row->context = context_;
    row->line = csv_.line();
    row->record = csv_.raw();
    row->row = ReadCsvRecord(csv_, cells_, *reader_);
    return true;
  }

 private:
  InputFile& file_;
  CsvReader csv_;
  std::shared_ptr<RowContext> context_;
  std::unique_ptr<CsvRowReader> reader_;
  std::vector<std::string> cells_;
};

// The lines of a file that are not blank.
class Lines {
 public:
  explicit Lines(InputFile& file) : file_(file) {}

  bool Next(std::string* line) {
    while (std::getline(file_.stream(), *line) && !file_.error()) {
      if (++number_ == 1 && line->starts_with(kByteOrderMark)) {
        line->erase(0, kByteOrderMark.size());
      }
      if (line->ends_with('\r')) line->pop_back();
      if (!Trim(*line).empty()) return true;
    }
    return false;
  }
  int64_t number() const { return number_; }

 private:
  InputFile& file_;
  int64_t number_ = 0;
};

class NdjsonSource : public RowSource {
 public:
  NdjsonSource(InputFile& file, ImportWhat what, const Calendar& calendar,
               Instant now)
      : lines_(file),
        json_(calendar),
        now_(now),
        context_(std::make_shared<RowContext>(
            RowContext{file.name(), what, ImportFormat::kNdjson, ""})) {}

  bool Next(SourceRow* row) override {
    if (!lines_.Next(&row->record)) return false;
    row->context = context_;
    row->line = lines_.number();
    row->row = ReadJsonRecord(json_, context_->what, row->record, now_);
    return true;
  }

 private:
  Lines lines_;
  JsonRowReader json_;
  const Instant now_;
  std::shared_ptr<const RowContext> context_;
};

// Rows refused earlier: each is read again as what it was, under its own file
// and line.
class DeadLetterSource : public RowSource {
 public:
  DeadLetterSource(InputFile& file, const Calendar& calendar, Instant now)
      : name_(file.name()),
        lines_(file),
        calendar_(calendar),
        json_(calendar),
        now_(now) {}

  bool Next(SourceRow* row) override {
    std::string line;
    if (!lines_.Next(&line)) return false;
    Result<RejectedRow> letter = ParseDeadLetterLine(line);
    if (!letter) {
      row->context = std::make_shared<RowContext>(
          RowContext{name_, ImportWhat::kEvents, ImportFormat::kNdjson, ""});
      row->line = lines_.number();
      row->record = std::move(line);
      row->row = Pass(letter.error());
      return true;
    }
    row->row = Again(*letter);
    row->line = letter->line;
    row->record = std::move(letter->record);
    row->context = std::make_shared<RowContext>(
        RowContext{std::move(letter->file), letter->what, letter->format,
                   std::move(letter->header)});
    return true;
  }

 private:
  Result<InputRow> Again(const RejectedRow& letter) {
    if (letter.format == ImportFormat::kNdjson) {
      return ReadJsonRecord(json_, letter.what, letter.record, now_);
    }
    std::istringstream text(letter.header + "\n" + letter.record + "\n");
    CsvReader csv(text);
    std::vector<std::string> cells;
    csv.Next(&cells);
    Result<std::unique_ptr<CsvRowReader>> reader =
        MakeCsvRowReader(letter.what, cells, calendar_);
    if (!reader) return Pass(reader.error());
    if (!csv.Next(&cells)) return Fail(ErrorKind::kUsage, "an empty record");
    return ReadCsvRecord(csv, cells, **reader);
  }

  const std::string name_;
  Lines lines_;
  const Calendar calendar_;
  JsonRowReader json_;
  const Instant now_;
};

}  // namespace

Result<std::unique_ptr<RowSource>> OpenRows(InputFile& file, ImportWhat what,
                                            ImportFormat format,
                                            const Calendar& calendar,
                                            Instant now) {
  switch (format) {
    case ImportFormat::kDeadLetter:
      return std::make_unique<DeadLetterSource>(file, calendar, now);
    case ImportFormat::kNdjson:
      if (what == ImportWhat::kEvents || what == ImportWhat::kUsers) {
        return std::make_unique<NdjsonSource>(file, what, calendar, now);
      }
      return Fail(ErrorKind::kUsage, file.name() + ": " +
                                         std::string(ImportWhatName(what)) +
                                         " are read from CSV only");
    case ImportFormat::kCsv:
      break;
  }
  auto source = std::make_unique<CsvSource>(file, what);
  if (Status s = source->ReadHeader(calendar); !s) return Pass(s.error());
  return source;
}

}  // namespace rekindle
