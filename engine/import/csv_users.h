// Rows of files about users:
//   users         user_id[,created_at][,time_zone][,language][,email][,phone]
//                 [,push_token][,consent.TOPIC][,any profile columns]
//   tags          user_id,tag[,present]
//   suppressions  [channel][,address][,user_id][,reason][,at]
//   touches       rule_id,user_id,timestamp,arm[,channel][,variant]
//   receipts      touch_id,state[,timestamp][,detail][,channel]
// Columns stand in any order; an empty cell says nothing. Several e-mail
// addresses, phones or push tokens of a user stand in one cell, joined by ';'.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/import/input_row.h"
#include "engine/intake/input_format.h"

namespace rekindle {

// kUsage for an invalid header. Whether created_at is a time is for the engine
// to check.
Result<std::unique_ptr<CsvRowReader>> MakeUserReader(
    const std::vector<std::string>& header);
Result<std::unique_ptr<CsvRowReader>> MakeTagReader(
    const std::vector<std::string>& header);
Result<std::unique_ptr<CsvRowReader>> MakeSuppressionReader(
    const std::vector<std::string>& header, const Calendar& calendar);
Result<std::unique_ptr<CsvRowReader>> MakeTouchReader(
    const std::vector<std::string>& header, const Calendar& calendar);
Result<std::unique_ptr<CsvRowReader>> MakeReceiptReader(
    const std::vector<std::string>& header, const Calendar& calendar);

// Makes any of these, or the reader of events.
Result<std::unique_ptr<CsvRowReader>> MakeCsvRowReader(
    ImportWhat what, const std::vector<std::string>& header,
    const Calendar& calendar);

}  // namespace rekindle
