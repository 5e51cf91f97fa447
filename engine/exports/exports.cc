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

// Written from the store: see touches_export.h, receipts_export.h and
// suppressions.h.
constexpr std::string_view kOfStore[] = {"touches", "receipts", "suppressions"};

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
  names.insert(names.end(), std::begin(kOfStore), std::end(kOfStore));
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
  if (std::find(std::begin(kOfStore), std::end(kOfStore), name) !=
      std::end(kOfStore)) {
    return Fail(ErrorKind::kUsage,
                std::string(name) + " are exported from the store");
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
