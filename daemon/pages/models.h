// What each page shows, as JSON: the API serves it as it is, the pages render
// it. Instants are texts in the business zone, rates are fractions, an
// undefined rate is null, names in two languages are {zh, en}.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "daemon/intake/intake_server.h"
#include "daemon/receipts/receipt_stats.h"
#include "daemon/session/session.h"
#include "daemon/work/scheduler.h"

namespace rekindle {

using Json = nlohmann::ordered_json;

// Users by state, active rate against target, the periods' flows and rates
// (newest first, at most `periods`).
Json OverviewModel(Session& session, Instant as_of, int periods);

// Behaviors that are being filled in from raw events, with the share that is
// done; null where there are none.
Json FillingModel(const Engine& engine);

// How the last reload ended, and since when what runs is in force.
Json ReloadModel(Session& session);

// Every configured rule: schedule, next and last slot, review.
Json RulesModel(Session& session, Instant as_of);

// One rule with its slots, newest first. kNotFound where neither the files nor
// the ledger know it.
Result<Json> RuleModel(Session& session, const std::string& rule_id,
                       Instant as_of);

// OversightOf as JSON: whether people hold a rule back, or it waits for them.
Json OversightModel(Session& session, const Rule& rule);
// Who approved, paused and resumed what, newest first.
Json DecisionsModel(Session& session,
                    const std::optional<std::string>& rule_id);

struct TouchesAsk {
  std::string rule_id;  // empty: all
  std::string state;    // empty: all
  int64_t page = 1;     // 50 a page
};
// kUsage for an unknown state.
Result<Json> TouchesModel(Session& session, const TouchesAsk& ask);

// Version, data folder, journal, reload, channels, scheduler, intake; `ready`
// and the failing checks.
Json HealthModel(Session& session, const Scheduler& scheduler,
                 const IntakeServer* intake, const ReceiptStats& receipts);

// What came in over HTTP since the start. `intake` is nullptr where there is
// none.
Json IntakeModel(const IntakeServer* intake);
// The messages it refused: counts by refusal, and the latest.
Json RefusalsModel(Session& session, const IntakeServer* intake);

}  // namespace rekindle
