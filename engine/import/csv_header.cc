#include "engine/import/csv_header.h"

#include <algorithm>
#include <cctype>

#include "config/base/utf8.h"
#include "config/base/words.h"
#include "engine/intake/cells.h"

namespace rekindle {
namespace {

std::string Quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

bool Has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Letters and digits only, in lower case: "User ID" and "userId" are "userid".
std::string Plain(std::string_view name) {
  std::string plain;
  for (unsigned char c : name) {
    if (std::isalnum(c)) plain += static_cast<char>(std::tolower(c));
  }
  return plain;
}

// A name of `names` that only spells `word` differently; empty: none.
std::string SameButSpelling(std::string_view word,
                            const std::vector<std::string>& names) {
  std::string plain = Plain(word);
  for (const std::string& name : names) {
    if (!plain.empty() && Plain(name) == plain) return name;
  }
  return "";
}

std::string NearName(std::string_view word,
                     const std::vector<std::string>& names) {
  std::string near = SameButSpelling(word, names);
  return near.empty() ? ClosestWord(word, names) : near;
}

Status CheckMissing(const std::vector<std::string>& names,
                    const CsvColumns& columns) {
  std::vector<std::string> strangers;
  for (const std::string& name : names) {
    if (!Has(columns.required, name) && !Has(columns.optional, name)) {
      strangers.push_back(name);
    }
  }
  for (const std::string& wanted : columns.required) {
    if (Has(names, wanted)) continue;
    std::string near = NearName(wanted, strangers);
    std::string message = "the header lacks the column " + Quoted(wanted);
    if (!near.empty()) {
      message += "; is it the one called " + Quoted(near) + "?";
    } else if (names.size() == 1) {
      message += ": it is only " + Quoted(names[0]) +
                 " (columns are parted by commas)";
    }
    return Refuse(message);
  }
  return {};
}

Status CheckStranger(const std::string& name, const CsvColumns& columns) {
  std::vector<std::string> known = columns.required;
  known.insert(known.end(), columns.optional.begin(), columns.optional.end());
  if (Has(known, name)) return {};
  if (columns.others) {
    std::string same = SameButSpelling(name, known);
    if (same.empty()) return {};
    return Refuse("the column " + Quoted(name) + " must be called " +
                  Quoted(same));
  }
  std::string near = NearName(name, known);
  return Refuse("unknown column " + Quoted(name) +
                (near.empty() ? "; expected " + OneOf(known)
                              : "; did you mean " + Quoted(near) + "?"));
}

}  // namespace

Result<CsvHeader> CsvHeader::Read(const std::vector<std::string>& names,
                                  const CsvColumns& columns) {
  CsvHeader header;
  for (const std::string& raw : names) {
    if (InvalidUtf8At(raw) || raw.find('\0') != std::string::npos) {
      return Refuse("the header is not UTF-8 text");
    }
    std::string name(Trim(raw));
    if (name.empty()) {
      return Refuse("column " + std::to_string(header.names_.size() + 1) +
                    " of the header has no name");
    }
    if (Has(header.names_, name)) {
      return Refuse("the header has the column " + Quoted(name) + " twice");
    }
    header.names_.push_back(std::move(name));
  }
  if (Status s = CheckMissing(header.names_, columns); !s) {
    return tl::make_unexpected(s.error());
  }
  for (const std::string& name : header.names_) {
    if (Status s = CheckStranger(name, columns); !s) {
      return tl::make_unexpected(s.error());
    }
  }
  return header;
}

std::optional<size_t> CsvHeader::Find(std::string_view name) const {
  auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return found - names_.begin();
}

std::string_view CsvHeader::Cell(const CsvCells& cells,
                                 std::string_view name) const {
  const std::optional<size_t> at = Find(name);
  return at ? cells[*at] : std::string_view();
}

Status CsvHeader::CheckWidth(const CsvCells& cells) const {
  if (cells.size() == names_.size()) return {};
  return Refuse(std::to_string(cells.size()) + " cells, but the header has " +
                std::to_string(names_.size()) + " columns");
}

}  // namespace rekindle
