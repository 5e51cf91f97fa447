#include "config/base/rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "config/base/json_text.h"
#include "config/base/utf8.h"

namespace rekindle {
namespace {

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

// Values come from outside: a control character must neither break a table nor
// reach the terminal.
std::string Printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    std::string_view rest = text;
    char32_t c = TakeCharacter(&rest);
    if (IsControl(c)) {
      shown += ' ';
    } else {
      shown += text.substr(0, text.size() - rest.size());
    }
    text = rest;
  }
  return shown;
}

bool IsNumber(const Cell& cell) {
  return std::holds_alternative<int64_t>(cell) ||
         std::holds_alternative<double>(cell);
}

bool IsEmpty(const Cell& cell) {
  return std::holds_alternative<std::monostate>(cell);
}

// Keeps all rows until Finish, when the widths are known. Columns that hold
// nothing but numbers stand to the right.
class TableSink : public RowSink {
 public:
  explicit TableSink(std::ostream& out) : out_(out) {}

  void Header(const std::vector<std::string>& columns) override {
    columns_.resize(columns.size());
    Keep(columns);
  }

  void Row(const std::vector<Cell>& cells) override {
    std::vector<std::string> texts;
    texts.reserve(cells.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      texts.push_back(CellText(cells[i]));
      if (IsEmpty(cells[i]) || i >= columns_.size()) continue;
      columns_[i].some = true;
      columns_[i].numbers &= IsNumber(cells[i]);
    }
    Keep(texts);
  }

  void Finish() override {
    for (const auto& row : rows_) Print(row);
    rows_.clear();
    out_.flush();
  }

 private:
  struct Column {
    size_t width = 0;
    bool numbers = true;
    bool some = false;
  };

  void Keep(const std::vector<std::string>& texts) {
    std::vector<std::string> row;
    row.reserve(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      row.push_back(i < texts.size() ? Printable(texts[i]) : "");
      columns_[i].width = std::max(columns_[i].width, DisplayWidth(row[i]));
    }
    rows_.push_back(std::move(row));
  }

  void Print(const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const Column& column = columns_[i];
      std::string padding(column.width - DisplayWidth(row[i]), ' ');
      if (i > 0) line += "  ";
      line +=
          column.numbers && column.some ? padding + row[i] : row[i] + padding;
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out_ << line << '\n';
  }

  std::ostream& out_;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

class CsvSink : public RowSink {
 public:
  explicit CsvSink(std::ostream& out) : out_(out) {}

  void Header(const std::vector<std::string>& columns) override {
    Write(columns, [](const std::string& column) { return column; });
  }
  void Row(const std::vector<Cell>& cells) override { Write(cells, CellText); }
  void Finish() override { out_.flush(); }

 private:
  template <class Value, class Text>
  void Write(const std::vector<Value>& values, Text text) {
    line_.clear();
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) line_ += ',';
      line_ += CsvField(text(values[i]));
    }
    // A lone empty field would be a blank line, which is no record.
    if (values.size() == 1 && line_.empty()) line_ = "\"\"";
    line_ += '\n';
    out_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
  }

  std::ostream& out_;
  std::string line_;
};

class NdjsonSink : public RowSink {
 public:
  explicit NdjsonSink(std::ostream& out) : out_(out) {}

  void Header(const std::vector<std::string>& columns) override {
    for (const std::string& column : columns) {
      keys_.push_back(Quoted(column) + ":");
    }
  }

  void Row(const std::vector<Cell>& cells) override {
    line_ = "{";
    for (size_t i = 0; i < std::min(cells.size(), keys_.size()); ++i) {
      if (i > 0) line_ += ',';
      line_ += keys_[i];
      line_ += Value(cells[i]);
    }
    line_ += "}\n";
    out_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
  }
  void Finish() override { out_.flush(); }

 private:
  static std::string Quoted(const std::string& text) {
    return JsonText(nlohmann::ordered_json(text));
  }

  static std::string Value(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
      return Quoted(*text);
    }
    std::string text = CellText(cell);
    return text.empty() ? "null" : text;
  }

  std::ostream& out_;
  std::vector<std::string> keys_;
  std::string line_;
};

// Independent of the locale, unlike printf.
std::string FractionText(double value) {
  if (!std::isfinite(value)) return "";
  char text[400];
  auto end = std::to_chars(text, text + sizeof text, value,
                           std::chars_format::fixed, 6);
  std::string_view written(text, end.ptr - text);
  return std::string(written == "-0.000000" ? "0.000000" : written);
}

struct TextOf {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return FractionText(value); }
  std::string operator()(const std::string& value) const { return value; }
};

}  // namespace

std::optional<RowFormat> ParseRowFormat(std::string_view word) {
  if (word == "table") return RowFormat::kTable;
  if (word == "csv") return RowFormat::kCsv;
  if (word == "ndjson") return RowFormat::kNdjson;
  return std::nullopt;
}

std::unique_ptr<RowSink> MakeRowSink(RowFormat format, std::ostream& out) {
  switch (format) {
    case RowFormat::kTable:
      return std::make_unique<TableSink>(out);
    case RowFormat::kCsv:
      return std::make_unique<CsvSink>(out);
    case RowFormat::kNdjson:
      return std::make_unique<NdjsonSink>(out);
  }
  return nullptr;
}

std::string CellText(const Cell& cell) { return std::visit(TextOf(), cell); }

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace rekindle
