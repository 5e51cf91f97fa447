// How a hand-off file is named and its rows are written. The people who open
// these files do so in a spreadsheet, and the texts in them come in part from
// users, so no cell may begin like a formula.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"

namespace rekindle {

// `<rule_id>-<slot in UTC>.csv`, "wake-20260201T020000Z.csv". Bytes of the
// rule id that could lead out of the folder or hide the file are
// percent-encoded; a very long id is cut and made unique by a hash.
std::string HandOffFileName(std::string_view rule_id, Instant slot);

// The text as a cell: a leading = + - @ tab or CR gets a ' before it, which
// spreadsheets take as "this is text", unless it is a plain number or phone
// number; NUL bytes are dropped.
std::string SafeCell(std::string_view text);

// One RFC 4180 row of safe cells, ending in LF.
std::string CsvRow(const std::vector<std::string>& texts);

// The bytes of `content` up to the end of its last whole row: a row that a
// crash cut short ends inside quotes or without its LF.
size_t WholeRows(std::string_view content);

}  // namespace rekindle
