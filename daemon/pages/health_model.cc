#include <nlohmann/json.hpp>

#include "daemon/pages/channels_model.h"
#include "daemon/pages/models.h"
#include "daemon/session/version.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

Json JournalJson(const Journal& journal, const Calendar& calendar) {
  Journal::Stats stats = journal.stats();
  auto text = [&](std::optional<Instant> at) {
    return at ? Json(calendar.FormatMinute(*at)) : Json();
  };
  return {{"events", stats.events},
          {"batches", stats.batches},
          {"first", text(stats.first)},
          {"last", text(stats.last)}};
}

// What keeps the daemon from being ready, as stable words.
Json FailingChecks(const Session& session, const SchedulerHealth& scheduler,
                   const IntakeServer* intake, const ReceiptStats& receipts) {
  Json failing = Json::array();
  if (!scheduler.failure.empty()) {
    failing.push_back({{"check", "scheduler_failing"}});
  }
  if (session.clock().Now() - scheduler.last_step > 60s) {
    failing.push_back({{"check", "scheduler_stuck"}});
  }
  if (intake != nullptr && intake->stats().failing) {
    failing.push_back({{"check", "intake_failing"}});
  }
  if (receipts.failing) {
    failing.push_back({{"check", "receipts_failing"}});
  }
  return failing;
}

}  // namespace

Json FillingModel(const Engine& engine) {
  const Engine::Filling filling = engine.filling();
  if (filling.behaviors.empty()) return {};
  return {{"behaviors", filling.names}, {"done_rate", filling.progress}};
}

Json ReloadModel(Session& session) {
  const auto settings = session.engine().settings();
  const ReloadStatus reload = session.reload_status();
  return {
      {"ok", reload.ok},
      {"at", settings->calendar.FormatMinute(reload.at)},
      {"running_since", settings->calendar.FormatMinute(reload.running_since)},
      {"errors", reload.errors}};
}

Json HealthModel(Session& session, const Scheduler& scheduler,
                 const IntakeServer* intake, const ReceiptStats& receipts) {
  Engine& engine = session.engine();
  const auto settings = engine.settings();
  const Calendar& calendar = settings->calendar;
  SchedulerHealth health = scheduler.health();
  Json failing = FailingChecks(session, health, intake, receipts);
  auto by_state = engine.ledger().CountByState(std::nullopt, std::nullopt);
  auto next_due = engine.ledger().NextDue();

  Json model = {{"version", kVersion},
                {"now", calendar.FormatMinute(session.clock().Now())},
                {"ready", failing.empty()},
                {"failing", failing},
                {"data_dir", engine.data_dir().string()},
                {"configuration", session.configuration()->file.string()},
                {"loaded", Describe(*session.configuration())}};
  model["reload"] = ReloadModel(session);
  model["scheduler"] = {
      {"failure", health.failure},
      {"last_recompute", health.last_recompute ? Json(calendar.FormatMinute(
                                                     *health.last_recompute))
                                               : Json()}};
  model["filling"] = FillingModel(engine);
  model["journal"] = JournalJson(engine.journal(), calendar);
  model["intake"] = IntakeModel(intake);
  model["refusals"] = RefusalsModel(session, intake);
  model["channels"] = StandingsModel(session);
  model["waiting"] = by_state[TouchState::kPlanned];
  model["unknown"] = by_state[TouchState::kUnknown];
  model["receipts_unknown"] = engine.ledger().CountKeptReceipts();
  model["next_due"] =
      next_due ? Json(calendar.FormatMinute(*next_due)) : Json();
  return model;
}

}  // namespace rekindle
