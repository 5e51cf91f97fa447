#include "engine/import/row_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "config/base/csv.h"
#include "config/base/csv_text.h"
#include "config/base/text_stream.h"
#include "config/base/words.h"
#include "engine/import/csv_users.h"
#include "engine/import/ndjson.h"
#include "engine/import/repeated_texts.h"
#include "engine/intake/dead_letter.h"
#include "engine/intake/track_reader.h"
#include "engine/users/contacts.h"

namespace rekindle {
namespace {

constexpr size_t kLikelyBytes = 256;  // of a line with an event
constexpr size_t kFewBytes = 24;      // of a CSV record with one
// Of events some tens of thousands, which are taken in at once. Other rows hold
// texts of their own, some times what they take in the file.
constexpr size_t kLargeBlock = 8 << 20;
constexpr size_t kSmallBlock = 1 << 20;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

size_t BlockBytes(ImportWhat what) {
  return what == ImportWhat::kEvents ? kLargeBlock : kSmallBlock;
}

std::unique_ptr<RowBlock> MakeBlock(TextBlock text, size_t padding = 0) {
  auto block = std::make_unique<RowBlock>(std::move(text.text), padding);
  block->bytes_read = text.bytes_read;
  return block;
}

// Calls f(number, line) for the lines that are not blank.
template <class F>
void ForEachLine(std::string_view text, int64_t first_line, F&& f) {
  if (first_line == 1 && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  for (int64_t number = first_line; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!Trim(line).empty()) f(number, line);
  }
}

Result<InputRow> ReadCsvRecord(const CsvTextReader& csv, const CsvCells& cells,
                               const CsvRowReader& reader, TextArena& arena) {
  if (!csv.error().empty()) return Fail(ErrorKind::kUsage, csv.error());
  if (!simdjson::validate_utf8(csv.raw())) {
    return Fail(ErrorKind::kUsage, "not UTF-8 text");
  }
  return reader.Read(cells, arena);
}

Result<InputRow> ReadJsonRecord(JsonRowReader& json, ImportWhat what,
                                std::string_view line, Instant now,
                                RowBlock& block) {
  if (what == ImportWhat::kUsers) {
    Result<JsonUser> user = json.ReadUser(line, now);
    if (!user) return tl::make_unexpected(user.error());
    auto* message = std::get_if<Message>(&*user);
    if (message != nullptr) return block.Keep(std::move(*message));
    return std::get<Engine::UserRow>(std::move(*user));
  }
  if (what == ImportWhat::kReceipts) {  // of a provider, in its own words
    return Fail(ErrorKind::kUsage, "receipts are imported from CSV only");
  }
  Result<Message> message = json.ReadMessage(line, now);
  if (!message) return tl::make_unexpected(message.error());
  return block.Keep(std::move(*message));
}

class CsvParser : public RowParser {
 public:
  CsvParser(const CsvRowReader& reader, const RowContext& context)
      : reader_(reader), context_(context) {}

  std::unique_ptr<RowBlock> Read(TextBlock text) override {
    const int64_t first_line = text.first_line;
    const size_t likely = std::min(static_cast<size_t>(text.line_ends + 1),
                                   text.text.size() / kFewBytes);
    auto block = MakeBlock(std::move(text));
    if (context_.what == ImportWhat::kEvents) block->ReserveMessages(likely);
    RepeatedTexts names;
    CsvTextReader csv(block->text(), first_line, block->arena());
    while (csv.Next(&cells_)) {
      Result<InputRow> row =
          ReadCsvRecord(csv, cells_, reader_, block->arena());
      if (row && std::holds_alternative<MessageView>(*row)) {
        auto& message = std::get<MessageView>(*row);
        message.event = names.FirstOf(message.event);
      }
      block->Add({&context_, csv.line(), csv.raw()}, std::move(row));
    }
    return block;
  }

 private:
  const CsvRowReader& reader_;
  const RowContext& context_;
  CsvCells cells_;
};

class CsvSource : public RowSource {
 public:
  CsvSource(InputFile& file, ImportWhat what)
      : file_(file),
        blocks_(file, ImportFormat::kCsv, BlockBytes(what)),
        context_{file.name(), what, ImportFormat::kCsv, ""} {}

  Status ReadHeader(const Calendar& calendar) {
    std::string where = file_.name() + ":";
    CsvReader csv(file_.stream());
    std::vector<std::string> cells;
    bool found = csv.Next(&cells);
    if (file_.error()) return tl::make_unexpected(*file_.error());
    if (!found) {
      return Fail(ErrorKind::kUsage,
                  where + " the file is empty; a header line was expected");
    }
    where += std::to_string(csv.line()) + ": ";
    if (!csv.error().empty()) {
      return Fail(ErrorKind::kUsage,
                  where + "the header cannot be read: " + csv.error());
    }
    Result<std::unique_ptr<CsvRowReader>> reader =
        MakeCsvRowReader(context_.what, cells, calendar);
    if (!reader) {
      return Fail(reader.error().kind, where + reader.error().message);
    }
    reader_ = std::move(*reader);
    context_.header = csv.raw();
    blocks_.SkipLines(csv.line() + LineEndsIn(csv.raw()));
    return {};
  }

  std::optional<TextBlock> NextBlock() override { return blocks_.Next(); }
  std::unique_ptr<RowParser> MakeParser() const override {
    return std::make_unique<CsvParser>(*reader_, context_);
  }

 private:
  InputFile& file_;
  BlockReader blocks_;
  RowContext context_;
  std::unique_ptr<CsvRowReader> reader_;
};

class NdjsonParser : public RowParser {
 public:
  NdjsonParser(const RowContext& context, const Calendar& calendar, Instant now)
      : context_(context), calendar_(calendar), json_(calendar), now_(now) {}

  std::unique_ptr<RowBlock> Read(TextBlock text) override {
    const int64_t first_line = text.first_line;
    auto block = MakeBlock(std::move(text), JsonCursor::kPadding);
    if (context_.what == ImportWhat::kEvents) {
      block->ReserveMessages(block->text().size() / kLikelyBytes);
    }
    RepeatedTexts names;
    ForEachLine(block->text(), first_line,
                [&](int64_t number, std::string_view line) {
                  AddLine(block.get(), number, line, &names);
                });
    return block;
  }

 private:
  void AddLine(RowBlock* block, int64_t number, std::string_view line,
               RepeatedTexts* names) {
    const SourceRow source{&context_, number, line};
    if (context_.what == ImportWhat::kEvents) {
      MessageView* const message = block->AddMessage(source);
      if (ReadUsualLine(line, calendar_, message)) {
        message->event = names->FirstOf(message->event);
        return;
      }
      block->DropMessage();
    }
    block->Add(source,
               ReadJsonRecord(json_, context_.what, line, now_, *block));
  }

  const RowContext& context_;
  const Calendar calendar_;
  JsonRowReader json_;
  const Instant now_;
};

class NdjsonSource : public RowSource {
 public:
  NdjsonSource(InputFile& file, ImportWhat what, const Calendar& calendar,
               Instant now)
      : blocks_(file, ImportFormat::kNdjson, BlockBytes(what)),
        calendar_(calendar),
        now_(now),
        context_{file.name(), what, ImportFormat::kNdjson, ""} {}

  std::optional<TextBlock> NextBlock() override { return blocks_.Next(); }
  std::unique_ptr<RowParser> MakeParser() const override {
    return std::make_unique<NdjsonParser>(context_, calendar_, now_);
  }

 private:
  BlockReader blocks_;
  const Calendar calendar_;
  const Instant now_;
  const RowContext context_;
};

// Rows refused earlier: each is read again as what it was, under its own file
// and line.
class DeadLetterParser : public RowParser {
 public:
  DeadLetterParser(std::string name, const Calendar& calendar, Instant now)
      : name_(std::move(name)),
        calendar_(calendar),
        json_(calendar),
        now_(now) {}

  std::unique_ptr<RowBlock> Read(TextBlock text) override {
    const int64_t first_line = text.first_line;
    auto block = MakeBlock(std::move(text));
    ForEachLine(block->text(), first_line,
                [&](int64_t number, std::string_view line) {
                  AddLine(block.get(), number, line);
                });
    return block;
  }

 private:
  void AddLine(RowBlock* block, int64_t number, std::string_view line) {
    Result<RejectedRow> letter = ParseDeadLetterLine(line);
    if (!letter) {
      const RowContext* context =
          block->Keep({name_, ImportWhat::kEvents, ImportFormat::kNdjson, ""});
      block->Add({context, number, line}, tl::make_unexpected(letter.error()));
      return;
    }
    const RowContext* context =
        block->Keep({std::move(letter->file), letter->what, letter->format,
                     std::move(letter->header)});
    const std::string_view record = block->arena().Keep(letter->record);
    block->Add({context, letter->line, record},
               Again(*context, letter->reason, record, *block));
  }

  Result<InputRow> Again(const RowContext& context, std::string_view reason,
                         std::string_view record, RowBlock& block) {
    if (context.format == ImportFormat::kNdjson) {
      Result<InputRow> row =
          ReadJsonRecord(json_, context.what, record, now_, block);
      auto* message = row ? std::get_if<MessageView>(&*row) : nullptr;
      if (message != nullptr && message->kind == MessageKind::kIdentify &&
          IsAboutContact(reason)) {
        TakeContactsAlone(message, block.arena());
      }
      return row;
    }
    TextStream in(context.header);
    std::vector<std::string> names;
    CsvReader(in).Next(&names);
    Result<std::unique_ptr<CsvRowReader>> reader =
        MakeCsvRowReader(context.what, names, calendar_);
    if (!reader) return tl::make_unexpected(reader.error());
    CsvTextReader csv(record, CsvTextReader::kAnyLine, block.arena());
    CsvCells cells;
    if (!csv.Next(&cells)) return Fail(ErrorKind::kUsage, "an empty record");
    return ReadCsvRecord(csv, cells, **reader, block.arena());
  }

  // A profile that was taken without a bad address is known by its message id:
  // mended, it would be a duplicate. All else in it may have changed since.
  static void TakeContactsAlone(MessageView* message, TextArena& arena) {
    message->id = {};
    if (!message->user_id.empty()) message->anonymous_id = {};
    const auto traits = nlohmann::json::parse(message->traits, nullptr, false);
    if (!traits.is_object()) return;
    auto contacts = nlohmann::json::object();
    for (const auto& [key, value] : traits.items()) {
      if (IsContact(key)) contacts[key] = value;
    }
    message->traits = arena.Keep(contacts.dump());
  }

  const std::string name_;
  const Calendar calendar_;
  JsonRowReader json_;
  const Instant now_;
};

class DeadLetterSource : public RowSource {
 public:
  DeadLetterSource(InputFile& file, const Calendar& calendar, Instant now)
      : name_(file.name()),
        blocks_(file, ImportFormat::kDeadLetter, kSmallBlock),
        calendar_(calendar),
        now_(now) {}

  std::optional<TextBlock> NextBlock() override { return blocks_.Next(); }
  std::unique_ptr<RowParser> MakeParser() const override {
    return std::make_unique<DeadLetterParser>(name_, calendar_, now_);
  }

 private:
  const std::string name_;
  BlockReader blocks_;
  const Calendar calendar_;
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
  if (Status s = source->ReadHeader(calendar); !s) {
    return tl::make_unexpected(s.error());
  }
  return source;
}

}  // namespace rekindle
