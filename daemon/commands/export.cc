// `rekindle export`: the tables that ExportNames lists.
#include <algorithm>
#include <utility>

#include "daemon/commands/command.h"
#include "engine/exports/exports.h"
#include "engine/exports/suppressions.h"
#include "engine/ledger/receipts_export.h"
#include "engine/ledger/touches_export.h"

namespace rekindle {
namespace {

// What only one table reads would be passed over in silence by the others.
Status CheckOptions(const CommandLine& line) {
  const std::vector<std::string> names = ExportNames();
  if (line.export_name == "retention" ||
      std::find(names.begin(), names.end(), line.export_name) == names.end()) {
    return {};
  }
  for (const auto& [option, given] :
       {std::pair("--unit", &line.unit),
        std::pair("--behavior", &line.behavior)}) {
    if (!given->empty()) {
      return Fail(ErrorKind::kUsage,
                  std::string(option) + " goes with retention");
    }
  }
  return {};
}

}  // namespace

int RunExport(const CommandLine& line, Session& session,
              CommandStreams& streams) {
  if (Status fitting = CheckOptions(line); !fitting) {
    return Report(fitting.error(), streams);
  }
  auto as_of = AsOf(line, session);
  if (!as_of) return Report(as_of.error(), streams);
  if (Status filled = session.engine().CheckFilled(); !filled) {
    return Report(filled.error(), streams);
  }
  Engine& engine = session.engine();
  if (line.export_name == "suppressions") {
    auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
    ExportSuppressions(engine.store(), engine.settings()->calendar, *sink);
    return kExitDone;
  }
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  auto snapshot = engine.At(*as_of);
  if (line.export_name == "touches") {
    ExportTouches(engine.store(), snapshot->users(),
                  snapshot->settings().calendar, *as_of, *sink);
    return kExitDone;
  }
  if (line.export_name == "receipts") {
    ExportReceipts(engine.store(), snapshot->settings().calendar, *as_of,
                   *sink);
    return kExitDone;
  }
  ExportOptions options{ParsePeriodUnit(line.unit), line.behavior};
  if (!snapshot->exact()) {
    streams.err << "note: day grain (the raw events of that day are gone)\n";
  }
  auto written = WriteExport(line.export_name, *snapshot, options, *sink);
  return written ? kExitDone : Report(written.error(), streams);
}

}  // namespace rekindle
