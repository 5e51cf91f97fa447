// Rows of an events file:
//   user_id,timestamp,event[,message_id][,any property columns]
// in any order. Property cells become JSON strings; empty ones are left out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/import/input_row.h"

namespace rekindle {

// The reader gives messages. kUsage for an invalid header.
Result<std::unique_ptr<CsvRowReader>> MakeEventReader(
    const std::vector<std::string>& header, const Calendar& calendar);

}  // namespace rekindle
