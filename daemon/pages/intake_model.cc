#include <nlohmann/json.hpp>

#include "daemon/pages/models.h"

namespace rekindle {
namespace {

Json LatestJson(const Calendar& calendar, const IntakeServer& intake) {
  Json latest = Json::array();
  for (const LatestRefusal& one : intake.LatestRefusals()) {
    latest.push_back({{"at", calendar.Format(one.at)},
                      {"call", one.path},
                      {"message", one.item},
                      {"refusal", RefusalName(one.refusal)},
                      {"why", one.reason}});
  }
  return latest;
}

}  // namespace

Json IntakeModel(const IntakeServer* intake) {
  if (intake == nullptr) return {{"on", false}};
  const IntakeStats& stats = intake->stats();
  return {{"on", true},
          {"port", std::to_string(intake->port())},
          {"failing", stats.failing.load()},
          {"accepted", stats.accepted.load()},
          {"duplicate", stats.duplicate.load()},
          {"refused", stats.refused()},
          {"clocks_off", stats.clocks_off.load()},
          {"sent_away", stats.requests(429) + stats.requests(503)},
          {"connections", stats.connections.load()},
          {"waiting_bytes", intake->waiting_bytes()}};
}

Json RefusalsModel(Session& session, const IntakeServer* intake) {
  Json model = {{"by_refusal", Json::object()}, {"latest", Json::array()}};
  for (Refusal refusal : {Refusal::kUnreadable, Refusal::kTooLarge,
                          Refusal::kSurplus, Refusal::kEngine}) {
    model["by_refusal"][std::string(RefusalName(refusal))] =
        intake == nullptr ? 0 : intake->stats().refused(refusal);
  }
  if (intake != nullptr) {
    const auto settings = session.engine().settings();
    model["latest"] = LatestJson(settings->calendar, *intake);
  }
  return model;
}

}  // namespace rekindle
