// The tables that leave the engine: `rekindle export`. Instants are RFC 3339,
// booleans true or false, fractions have 6 decimals; what is undefined is
// empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/base/rows.h"
#include "engine/audience/snapshot.h"

namespace rekindle {

// Options that only the export `retention` reads.
struct ExportOptions {
  std::optional<PeriodUnit> unit;  // default: the period of the lifecycle
  std::string behavior;            // default (empty): activity
};

// The names of all exports, those included that have functions of their own:
// `touches` (ExportTouches), `receipts` (ExportReceipts) and `suppressions`
// (ExportSuppressions).
std::vector<std::string> ExportNames();

// Writes one table as of the snapshot's instant: header, rows ordered by key,
// Finish. kUsage for an unknown name or behavior; nothing is written then.
Status WriteExport(std::string_view name, const Snapshot& facts,
                   const ExportOptions& options, RowSink& sink);

}  // namespace rekindle
