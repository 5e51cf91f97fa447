#include <algorithm>

#include "engine/exports/tables.h"

namespace rekindle {

Status WritePreferences(const Snapshot& facts, const ExportOptions&,
                        RowSink& sink) {
  const std::vector<Label>& labels = facts.settings().preferences.labels;
  sink.Header({"user_id", "label", "days", "active_days", "share", "labeled"});
  for (UserNumber user : KnownById(facts)) {
    std::vector<LabelShare> shares = facts.LabelsOf(user);
    std::sort(shares.begin(), shares.end(), [&](const auto& a, const auto& b) {
      return labels[a.label].name < labels[b.label].name;
    });
    for (const LabelShare& share : shares) {
      sink.Row({std::string(facts.users().IdOf(user)), labels[share.label].name,
                int64_t{share.days}, int64_t{share.active_days}, share.share(),
                share.labeled});
    }
  }
  return {};
}

}  // namespace rekindle
