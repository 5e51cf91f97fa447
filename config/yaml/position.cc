#include "config/yaml/position.h"

#include <algorithm>
#include <string_view>

namespace rekindle::yaml {
namespace {

// Where the line of a byte begins.
size_t LineStart(std::string_view text, size_t byte) {
  if (byte == 0) return 0;
  size_t before = text.rfind('\n', byte - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

int ColumnOf(std::string_view text, size_t byte) {
  size_t start = LineStart(text, byte);
  std::string_view before = text.substr(start, byte - start);
  // The bytes that begin a character: a line may be a whole file.
  return 1 + static_cast<int>(
                 std::count_if(before.begin(), before.end(), [](char c) {
                   return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                 }));
}

}  // namespace

Position PositionOfByte(std::shared_ptr<const SourceFile> file, size_t byte) {
  std::string_view text = file->text;
  byte = std::min(byte, text.size());
  std::string_view before = text.substr(0, byte);
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return {std::move(file), static_cast<int>(line), ColumnOf(text, byte)};
}

Position PositionOfMark(std::shared_ptr<const SourceFile> file,
                        const YAML::Mark& mark) {
  if (file == nullptr || mark.is_null()) return {std::move(file), 0, 0};
  // The mark knows its line: no count from the top, a file has many nodes.
  size_t byte = std::min<size_t>(mark.pos, file->text.size());
  int column = ColumnOf(file->text, byte);
  return {std::move(file), mark.line + 1, column};
}

}  // namespace rekindle::yaml
