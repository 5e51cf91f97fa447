// `export suppressions`: who must not be written to, as `import --suppressions`
// reads it.
#include "engine/exports/suppressions.h"

#include "engine/consent/consent.h"

namespace rekindle {

void ExportSuppressions(const Store& store, const Calendar& calendar,
                        RowSink& out) {
  const auto entries =
      store.Read([](SQLite::Database& db) { return Consents::List(db); });
  out.Header({"channel", "address", "user_id", "reason", "at"});
  for (const Suppression& entry : entries) {
    out.Row({entry.channel, entry.address, entry.user_id, entry.reason,
             calendar.Format(entry.at)});
  }
  out.Finish();
}

}  // namespace rekindle
