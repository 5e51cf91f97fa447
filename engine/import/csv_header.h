// The header of a CSV file: which column stands where.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/csv_text.h"
#include "config/base/result.h"

namespace rekindle {

// The columns a kind of file may have.
struct CsvColumns {
  std::vector<std::string> required;
  std::vector<std::string> optional;
  bool others = false;  // any other name is a property or a profile key
};

class CsvHeader {
 public:
  // kUsage, with a did-you-mean, for a header that lacks a column, has one
  // twice, without a name, or of no use here. Where others are allowed, one
  // that only spells a known name differently ("messageId") is refused all the
  // same: taken as a property it would silently lose its meaning.
  static Result<CsvHeader> Read(const std::vector<std::string>& names,
                                const CsvColumns& columns);

  const std::vector<std::string>& names() const { return names_; }
  // REQUIRES: a required column.
  size_t At(std::string_view name) const { return *Find(name); }
  std::optional<size_t> Find(std::string_view name) const;
  // The cell of an optional column; empty where the file does not have it.
  std::string_view Cell(const CsvCells& cells, std::string_view name) const;
  // kUsage where a record has more or fewer cells than the header.
  Status CheckWidth(const CsvCells& cells) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace rekindle
