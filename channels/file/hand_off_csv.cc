#include "channels/file/hand_off_csv.h"

#include <spdlog/fmt/fmt.h>

#include "config/base/hash.h"
#include "config/base/rows.h"

namespace rekindle {
namespace {

// File systems take 255 bytes; the slot, the suffix and a hash need 60.
constexpr size_t kMaxRuleIdBytes = 180;

bool StaysAsItIs(unsigned char c, bool first) {
  if (c == '.') return !first;
  return c > ' ' && c != 0x7F && c != '/' && c != '\\' && c != '%' &&
         c != ':' && c != '*' && c != '?' && c != '"' && c != '<' && c != '>' &&
         c != '|';
}

std::string SafeName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (StaysAsItIs(static_cast<unsigned char>(c), name.empty())) {
      name += c;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  if (name.size() <= kMaxRuleIdBytes) return name;
  size_t end = kMaxRuleIdBytes;
  while (end > 0 && (name[end] & 0xC0) == 0x80) --end;
  return name.substr(0, end) + '~' + StableId({text});
}

std::string SlotName(Instant slot) {
  const auto day = std::chrono::floor<std::chrono::days>(slot);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(
      std::chrono::floor<std::chrono::seconds>(slot - day));
  return fmt::format(
      "{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      time.hours().count(), time.minutes().count(), time.seconds().count());
}

// "+8613800138000", "-12.50": a phone number must reach the caller as it is,
// and digits alone cannot name a cell or a function.
bool IsPlainNumber(std::string_view text) {
  return text.size() > 1 && (text[0] == '+' || text[0] == '-') &&
         text.find_first_not_of("0123456789.", 1) == text.npos;
}

}  // namespace

std::string HandOffFileName(std::string_view rule_id, Instant slot) {
  return SafeName(rule_id) + '-' + SlotName(slot) + ".csv";
}

std::string SafeCell(std::string_view text) {
  std::string cell;
  cell.reserve(text.size() + 1);
  for (const char c : text) {
    if (c != '\0') cell += c;
  }
  constexpr std::string_view kFormulaStarts = "=+-@\t\r";
  if (!cell.empty() && kFormulaStarts.find(cell[0]) != kFormulaStarts.npos &&
      !IsPlainNumber(cell)) {
    cell.insert(cell.begin(), '\'');
  }
  return cell;
}

std::string CsvRow(const std::vector<std::string>& texts) {
  std::string row;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) row += ',';
    row += CsvField(SafeCell(texts[i]));
  }
  return row + '\n';
}

size_t WholeRows(std::string_view content) {
  size_t end = 0;
  bool quoted = false;  // a doubled quote flips twice
  for (size_t i = 0; i < content.size(); ++i) {
    if (content[i] == '"') quoted = !quoted;
    if (content[i] == '\n' && !quoted) end = i + 1;
  }
  return end;
}

}  // namespace rekindle
