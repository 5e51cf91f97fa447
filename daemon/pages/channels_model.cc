#include "daemon/pages/channels_model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "daemon/session/channel_figures.h"

namespace rekindle {
namespace {

constexpr std::chrono::days kWeek{7};
constexpr int64_t kActionsShown = 20;

Json CountsJson(const ChannelCounts& counts) {
  Json json;
  for (const char* outcome : {"accepted", "dead_recipient", "bad_message",
                              "temporary", "account", "unknown"}) {
    json[outcome] = counts.CountOf(outcome);
  }
  json["cost"] = MoneyText(counts.cost);
  return json;
}

// Of the last week, by channel.
struct Week {
  std::map<std::string, ChannelCounts> counts;
  std::map<std::string, std::map<TouchState, int64_t>> states;
};

Week WeekUpTo(Instant now, Session& session) {
  const ChannelBook& book = session.engine().ledger().channels();
  const Instant soon = now + std::chrono::minutes(15);
  return {book.Counts(now - kWeek, soon), book.States(now - kWeek, soon)};
}

// The channel with its standing.
Json StandingJson(const ChannelStanding& standing, const Calendar& calendar) {
  return {
      {"channel", standing.channel->id},
      {"type", standing.channel->type},
      {"standing", standing.word},
      {"why", standing.why},
      {"until",
       standing.until ? Json(calendar.FormatMinute(*standing.until)) : Json()}};
}

void PutLimits(const Channel& channel, Json* json) {
  const DeliverySettings& delivery = channel.delivery;
  (*json)["per_second"] = delivery.per_second > 0
                              ? Json(fmt::format("{:g}", delivery.per_second))
                              : Json();
  (*json)["per_day"] = delivery.per_day ? Json(*delivery.per_day) : Json();
  (*json)["hours"] = delivery.hours ? Json(delivery.hours->Text()) : Json();
  (*json)["concurrency"] = channel.adapter->traits().concurrency;
  (*json)["deduplicates"] = channel.adapter->traits().deduplicates;
  (*json)["price"] =
      delivery.cost > 0
          ? Json(fmt::format("{:g}", static_cast<double>(delivery.cost) / 1e6))
          : Json();
}

// Of the touches planned within the week: what has become of them so far.
void PutStates(const std::map<TouchState, int64_t>& states, Json* json) {
  Json out;
  for (TouchState state :
       {TouchState::kAccepted, TouchState::kDelivered, TouchState::kOpened,
        TouchState::kClicked, TouchState::kBounced, TouchState::kFailed,
        TouchState::kUnknown, TouchState::kDropped}) {
    const auto found = states.find(state);
    out[std::string(TouchStateName(state))] =
        found == states.end() ? 0 : found->second;
  }
  (*json)["states"] = std::move(out);
}

Json ChannelJson(const ChannelFigures& figures, Week& week,
                 const Calendar& calendar) {
  const Channel& channel = *figures.channel;
  const ChannelQueue& queue = figures.queue;
  Json json = StandingJson(figures, calendar);
  json["due"] = queue.due;
  json["oldest_due"] = queue.oldest_due
                           ? Json(calendar.FormatMinute(*queue.oldest_due))
                           : Json();
  json["waiting"] = queue.waiting;
  json["unknown"] = queue.unknown;
  json["handed_today"] = figures.today.handed;
  PutLimits(channel, &json);
  json["today"] = CountsJson(figures.today);
  json["week"] = CountsJson(week.counts[channel.id]);
  PutStates(week.states[channel.id], &json);
  const ChannelStats& stats = figures.status.stats;
  json["in_flight"] = stats.in_flight;
  const bool any = stats.count() > 0;
  json["half_within"] =
      any ? Json(fmt::format("{:g} s", stats.Quantile(0.5))) : Json();
  json["most_within"] =
      any ? Json(fmt::format("{:g} s", stats.Quantile(0.99))) : Json();
  return json;
}

Json PollingJson(const PollStats& stats) {
  Json json = {{"receipts", stats.receipts},
               {"without_receipt", stats.waiting},
               {"failing", stats.failing}};
  for (size_t i = 0; i < kReplyKinds.size(); ++i) {
    json[std::string(ReplyKindName(kReplyKinds[i]))] = stats.asked[i];
  }
  return json;
}

}  // namespace

Json StandingsModel(Session& session) {
  const auto configuration = session.configuration();
  Json channels = Json::array();
  for (const ChannelStanding& standing :
       StandingsOf(session, *configuration, session.clock().Now())) {
    channels.push_back(StandingJson(standing, configuration->engine->calendar));
  }
  return channels;
}

Json ChannelsModel(Session& session,
                   const std::map<std::string, PollStats>& polls) {
  const auto configuration = session.configuration();
  const Calendar& calendar = configuration->engine->calendar;
  const Instant now = session.clock().Now();
  Week week = WeekUpTo(now, session);
  Json model = {{"now", calendar.FormatMinute(now)}};
  model["channels"] = Json::array();
  for (const ChannelFigures& figures :
       FiguresOf(session, *configuration, now)) {
    Json json = ChannelJson(figures, week, calendar);
    const auto polled = polls.find(figures.channel->id);
    json["polling"] =
        polled == polls.end() ? Json() : PollingJson(polled->second);
    model["channels"].push_back(std::move(json));
  }
  model["actions"] = Json::array();
  for (const OperatorAction& action :
       session.engine().ledger().channels().Actions(kActionsShown)) {
    model["actions"].push_back({{"at", calendar.FormatMinute(action.at)},
                                {"who", action.who},
                                {"action", action.action},
                                {"subject", action.subject},
                                {"touches", action.touches}});
  }
  return model;
}

}  // namespace rekindle
