#include "config/yaml/diagnostics.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "config/base/utf8.h"

namespace rekindle::yaml {
namespace {

std::string_view FileName(const Position& at) {
  return at.file == nullptr ? std::string_view() : at.file->name;
}

auto SortKey(const Diagnostic& diagnostic) {
  const Position& at = diagnostic.at;
  return std::make_tuple(FileName(at), at.line, at.column);
}

bool Same(const Diagnostic& a, const Diagnostic& b) {
  return SortKey(a) == SortKey(b) && a.severity == b.severity &&
         a.message == b.message;
}

std::string_view Line(std::string_view text, int number) {
  for (; number > 1; --number) {
    size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Of a line that is longer, so many characters are shown: a file that a program
// wrote may be one line.
constexpr int kMostShown = 200;
constexpr int kShownBefore = 120;  // at most so many of them before the caret

bool IsLong(std::string_view line) {
  for (int n = 0; n < kMostShown && !line.empty(); ++n) TakeCharacter(&line);
  return !line.empty();
}

// The source line as a terminal can show it, and blanks up to the caret: tabs
// stay tabs, so that both lines are indented alike.
void AppendSource(std::string_view line, int column, std::string* out) {
  const int first = IsLong(line) ? std::max(1, column - kShownBefore) : 1;
  std::string caret;
  for (int n = 1; n < first && !line.empty(); ++n) TakeCharacter(&line);
  int at = first;
  while (!line.empty() && at < first + kMostShown) {
    std::string_view rest = line;
    char32_t c = TakeCharacter(&rest);
    bool control = c != '\t' && (c < 0x20 || (c >= 0x7F && c < 0xA0));
    bool broken = c == kReplacementCharacter;
    if (control || broken) {
      out->append("\xEF\xBF\xBD");
    } else {
      out->append(line.substr(0, line.size() - rest.size()));
    }
    if (at++ < column) {
      caret.append(c == '\t' ? 1 : CharacterWidth(c), c == '\t' ? '\t' : ' ');
    }
    line = rest;
  }
  out->append("\n").append(caret).append("^\n");
}

void Append(const Diagnostic& diagnostic, std::string* out) {
  const Position& at = diagnostic.at;
  if (at.file != nullptr) {
    out->append(at.file->name).append(":");
    if (at.line > 0) out->append(std::to_string(at.line)).append(":");
    if (at.line > 0 && at.column > 0) {
      out->append(std::to_string(at.column)).append(":");
    }
    out->append(" ");
  }
  out->append(diagnostic.severity == Severity::kError ? "error: "
                                                      : "warning: ");
  out->append(diagnostic.message).append("\n");
  if (at.file == nullptr || at.line < 1 || at.column < 1) return;
  std::string_view line = Line(at.file->text, at.line);
  if (!line.empty()) AppendSource(line, at.column, out);
}

}  // namespace

void Diagnostics::Error(const Position& at, std::string message) {
  all_.push_back({Severity::kError, at, std::move(message)});
  ++errors_;
}

void Diagnostics::Warning(const Position& at, std::string message) {
  all_.push_back({Severity::kWarning, at, std::move(message)});
}

std::string Diagnostics::Render() const {
  std::vector<Diagnostic> sorted = all_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return SortKey(a) < SortKey(b);
                   });
  sorted.erase(std::unique(sorted.begin(), sorted.end(), Same), sorted.end());
  std::string text;
  for (const Diagnostic& diagnostic : sorted) Append(diagnostic, &text);
  return text;
}

}  // namespace rekindle::yaml
