// The exports, a file each; exports.cc lists them. To add one, write its file
// and add its line there.
#pragma once

#include <utility>
#include <vector>

#include "engine/exports/exports.h"

namespace rekindle {

Status WriteLifecycle(const Snapshot& facts, const ExportOptions& options,
                      RowSink& sink);
Status WritePreferences(const Snapshot& facts, const ExportOptions& options,
                        RowSink& sink);
Status WriteUsers(const Snapshot& facts, const ExportOptions& options,
                  RowSink& sink);
Status WriteFlows(const Snapshot& facts, const ExportOptions& options,
                  RowSink& sink);
Status WriteTransitions(const Snapshot& facts, const ExportOptions& options,
                        RowSink& sink);
Status WriteRetention(const Snapshot& facts, const ExportOptions& options,
                      RowSink& sink);

// --- what they share
// The known users, by user_id.
std::vector<UserNumber> KnownById(const Snapshot& facts);
Cell RateCell(const std::optional<double>& rate);  // empty where undefined

}  // namespace rekindle
