#include "config/base/csv.h"

#include <string_view>

namespace rekindle {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Where the content of the lines ends: before a CR of the line end.
size_t ContentEnd(const std::string& raw) {
  return raw.ends_with('\r') ? raw.size() - 1 : raw.size();
}

}  // namespace

bool CsvReader::Next(std::vector<std::string>* fields) {
  error_.clear();
  do {
    record_line_ = next_line_;
    if (!TakeLine(&raw_)) {
      raw_.clear();
      fields->clear();
      return false;
    }
    if (record_line_ == 1 && raw_.starts_with(kByteOrderMark)) {
      raw_.erase(0, kByteOrderMark.size());
    }
  } while (ContentEnd(raw_) == 0);
  raw_lines_ = 1;

  size_t at = 0;
  size_t count = 0;
  End end = End::kSeparator;
  while (end == End::kSeparator) {
    if (count == fields->size()) fields->emplace_back();
    end = ReadField(&at, &(*fields)[count++]);
  }
  fields->resize(count);
  if (end == End::kUnclosed) GiveBackLines();
  if (end == End::kUnclosed) error_ = kUnclosedQuote;
  if (end == End::kTextAfterQuote) error_ = "text after a closing quote";
  if (!error_.empty()) fields->clear();
  raw_.resize(ContentEnd(raw_));
  return true;
}

bool CsvReader::TakeLine(std::string* line) {
  if (!given_back_.empty()) {
    *line = std::move(given_back_.front());
    given_back_.pop_front();
  } else if (!std::getline(in_, *line)) {
    return false;
  }
  ++next_line_;
  return true;
}

// Puts the next line behind the record's, for a quote that spans lines.
bool CsvReader::ExtendRaw() {
  if (raw_.size() > kLongestRecord || !TakeLine(&next_)) return false;
  raw_ += '\n';
  raw_ += next_;
  ++raw_lines_;
  return true;
}

// Leaves the record its first line; the others are read again.
void CsvReader::GiveBackLines() {
  std::deque<std::string> lines;
  size_t first_end = raw_.find('\n');
  for (size_t at = first_end; at != std::string::npos;) {
    size_t end = raw_.find('\n', at + 1);
    lines.push_back(raw_.substr(at + 1, end - at - 1));
    at = end;
  }
  given_back_.insert(given_back_.begin(), lines.begin(), lines.end());
  next_line_ -= raw_lines_ - 1;
  if (first_end != std::string::npos) raw_.resize(first_end);
}

// Reads the field at `*at` and leaves `*at` behind what ended it.
CsvReader::End CsvReader::ReadField(size_t* at, std::string* field) {
  if (*at < raw_.size() && raw_[*at] == '"') return ReadQuoted(at, field);
  size_t comma = raw_.find(',', *at);
  size_t end = comma == std::string::npos ? ContentEnd(raw_) : comma;
  field->assign(raw_, *at, end - *at);
  *at = end + 1;
  return comma == std::string::npos ? End::kRecord : End::kSeparator;
}

CsvReader::End CsvReader::ReadQuoted(size_t* at, std::string* field) {
  field->clear();
  size_t from = *at + 1;
  for (;;) {
    size_t quote = raw_.find('"', from);
    if (quote == std::string::npos) {
      field->append(raw_, from);
      from = raw_.size();
      if (!ExtendRaw()) return End::kUnclosed;
      continue;
    }
    field->append(raw_, from, quote - from);
    from = quote + 1;
    if (from == raw_.size() || raw_[from] != '"') break;
    *field += '"';
    ++from;
  }
  *at = from + 1;
  if (from >= ContentEnd(raw_)) return End::kRecord;
  return raw_[from] == ',' ? End::kSeparator : End::kTextAfterQuote;
}

}  // namespace rekindle
