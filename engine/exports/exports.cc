#include "engine/exports/exports.h"

#include <algorithm>

#include "config/base/words.h"
#include "engine/exports/tables.h"

namespace rekindle {
namespace {

struct Export {
  std::string_view name;
  Status (*write)(const Snapshot&, const ExportOptions&, RowSink&);
};

// Of the ledger.
constexpr std::string_view kTouches = "touches";
constexpr std::string_view kReceipts = "receipts";

constexpr Export kExports[] = {
    {"lifecycle", WriteLifecycle},
    {"preferences", WritePreferences},
    {"users", WriteUsers},
    {"flows", WriteFlows},
    {"transitions", WriteTransitions},
    {"retention", WriteRetention},
};

}  // namespace

std::vector<std::string> ExportNames() {
  std::vector<std::string> names;
  for (const Export& e : kExports) names.emplace_back(e.name);
  names.emplace_back(kTouches);
  names.emplace_back(kReceipts);
  return names;
}

Status WriteExport(std::string_view name, const Snapshot& facts,
                   const ExportOptions& options, RowSink& sink) {
  for (const Export& e : kExports) {
    if (e.name != name) continue;
    Status written = e.write(facts, options, sink);
    if (written) sink.Finish();
    return written;
  }
  if (name == kTouches || name == kReceipts) {
    return Fail(ErrorKind::kUsage,
                std::string(name) + " are exported from the ledger");
  }
  return Fail(ErrorKind::kUsage, "unknown export \"" + std::string(name) +
                                     "\"" + Suggestion(name, ExportNames()));
}

std::vector<UserNumber> KnownById(const Snapshot& facts) {
  std::vector<UserNumber> users = facts.Known().ToList();
  std::sort(users.begin(), users.end(), [&](UserNumber a, UserNumber b) {
    return facts.users().IdOf(a) < facts.users().IdOf(b);
  });
  return users;
}

Cell RateCell(const std::optional<double>& rate) {
  return rate ? Cell(*rate) : Cell();
}

}  // namespace rekindle
