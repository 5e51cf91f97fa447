// The text and its source differ in blanks only (indentation, folded lines) and
// in how a character is spelled. So the visible bytes before the offset are
// counted in the text, and as many are passed in the source.
#include "config/yaml/text_position.h"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

#include "config/base/utf8.h"
#include "config/yaml/position.h"

namespace rekindle {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

size_t VisibleBytes(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return !IsBlank(c); }));
}

// The byte a position stands for; npos where there is none.
size_t OffsetOf(const yaml::Position& position) {
  std::string_view source = position.file->text;
  size_t at = 0;
  for (int n = 1; n < position.line; ++n) {
    at = source.find('\n', at);
    if (at == std::string_view::npos) return at;
    ++at;
  }
  std::string_view rest = source.substr(at);
  for (int n = 1; n < position.column && !rest.empty(); ++n) {
    TakeCharacter(&rest);
  }
  return rest.empty() ? std::string_view::npos : source.size() - rest.size();
}

size_t Utf8Length(unsigned long code) {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

// A piece of the source and how many visible bytes of text it stands for.
struct Unit {
  size_t length = 1;
  size_t visible = 0;
};

// An escape of a double-quoted text: \n, \", \x41, \u4f60, or a line's end.
Unit ReadEscape(std::string_view source) {
  if (source.size() < 2) return {1, 0};
  size_t digits = source[1] == 'x'   ? 2
                  : source[1] == 'u' ? 4
                  : source[1] == 'U' ? 8
                                     : 0;
  if (digits == 0) {
    static constexpr std::string_view kBlankEscapes = "nrt \t\n\r";
    bool blank = kBlankEscapes.find(source[1]) != std::string_view::npos;
    return {2, blank ? size_t{0} : size_t{1}};
  }
  unsigned long code = 0;
  try {
    code = std::stoul(std::string(source.substr(2, digits)), nullptr, 16);
  } catch (const std::exception&) {
    return {2, 1};
  }
  bool blank = code < 0x80 && IsBlank(static_cast<char>(code));
  return {2 + digits, blank ? 0 : Utf8Length(code)};
}

Unit ReadUnit(std::string_view source, char quote) {
  if (IsBlank(source[0])) return {1, 0};
  if (quote == '"' && source[0] == '\\') return ReadEscape(source);
  if (quote == '\'' && source.starts_with("''")) return {2, 1};
  return {1, 1};
}

}  // namespace

yaml::Position PositionInText(const yaml::Node& scalar, size_t offset) {
  yaml::Position position = scalar.position();
  if (!position.file) return position;
  std::string_view source = position.file->text;
  size_t at = OffsetOf(position);
  if (at == std::string_view::npos) return position;

  char style = scalar.plain() ? ' ' : source[at];
  if (style == '"' || style == '\'') {
    ++at;
  } else if (style == '|' || style == '>') {
    at = std::min(source.find('\n', at), source.size());
  }
  size_t left = VisibleBytes(std::string_view(scalar.text()).substr(0, offset));
  bool to_visible =
      offset < scalar.text().size() && !IsBlank(scalar.text()[offset]);
  while (at < source.size()) {
    Unit unit = ReadUnit(source.substr(at), style);
    if (left == 0 && (!to_visible || unit.visible > 0)) break;
    left -= std::min(left, unit.visible);
    at += unit.length;
  }
  return yaml::PositionOfByte(position.file, at);
}

}  // namespace rekindle
