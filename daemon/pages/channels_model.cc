#include "daemon/pages/channels_model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace rekindle {
namespace {

constexpr std::chrono::days kWeek{7};
constexpr int64_t kActionsShown = 20;

std::string Money(int64_t millionths) {
  return fmt::format("{:.2f}", static_cast<double>(millionths) / 1e6);
}

int64_t CountOf(const std::map<std::string, int64_t>& counts,
                const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

Json CountsJson(const ChannelCounts& counts) {
  Json json;
  for (const char* outcome : {"accepted", "dead_recipient", "bad_message",
                              "temporary", "account", "unknown"}) {
    json[outcome] = CountOf(counts.by_outcome, outcome);
  }
  json["cost"] = Money(counts.cost);
  return json;
}

// What was read once for all channels: how they stand, and the rest.
struct Found {
  Instant now, soon;
  std::map<std::string, ChannelHold> holds;
  std::map<std::string, ChannelCounts> today;
  std::map<std::string, ChannelStatus> statuses;

  std::map<std::string, ChannelQueue> queues;
  std::map<std::string, ChannelCounts> week;
  std::map<std::string, std::map<TouchState, int64_t>> states;
};

Found FindStandings(Session& session, const Calendar& calendar) {
  const ChannelBook& book = session.engine().ledger().channels();
  Found found;
  found.now = session.clock().Now();
  found.soon = found.now + std::chrono::minutes(15);
  const Instant day = calendar.StartOf(calendar.DayOf(found.now));
  found.holds = book.Holds();
  found.today = book.Counts(day, found.soon);
  found.statuses = session.dispatcher().Statuses();
  return found;
}

Found FindAll(Session& session, const Calendar& calendar) {
  const ChannelBook& book = session.engine().ledger().channels();
  Found found = FindStandings(session, calendar);
  found.queues = book.Queues(found.now);
  found.week = book.Counts(found.now - kWeek, found.soon);
  found.states = book.States(found.now - kWeek, found.soon);
  return found;
}

template <class Value>
Value Of(const std::map<std::string, Value>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? Value() : found->second;
}

// The channel with its standing.
Json StandingJson(const Channel& channel, const Found& found,
                  const Calendar& calendar) {
  Json json = {{"channel", channel.id}, {"type", channel.type}};
  const auto put = [&](const char* standing, std::string why,
                       std::optional<Instant> until) {
    json["standing"] = standing;
    json["why"] = std::move(why);
    json["until"] = until ? Json(calendar.FormatMinute(*until)) : Json();
  };
  const int64_t handed = Of(found.today, channel.id).handed;
  const auto hold = found.holds.find(channel.id);
  const auto status = found.statuses.find(channel.id);
  if (hold != found.holds.end()) {
    put(hold->second.mode == HoldMode::kPaused ? "paused" : "draining",
        fmt::format("{}, {}", hold->second.who,
                    calendar.FormatMinute(hold->second.since)),
        {});
  } else if (status != found.statuses.end() &&
             !status->second.store_failure.empty()) {
    put("disk_failing", status->second.store_failure, {});
  } else if (status != found.statuses.end() && status->second.opening) {
    put("stopped", status->second.opening->reason,
        status->second.opening->until);
  } else if (channel.delivery.per_day && handed >= *channel.delivery.per_day) {
    put("day_full", "",
        calendar.StartOf(calendar.DayOf(found.now) + std::chrono::days(1)));
  } else if (channel.delivery.hours && channel.delivery.hours->OpenFrom(
                                           found.now, calendar) > found.now) {
    put("outside_hours", channel.delivery.hours->Text(),
        channel.delivery.hours->OpenFrom(found.now, calendar));
  } else {
    put("sending", "", {});
  }
  return json;
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

Json ChannelJson(const Channel& channel, const Found& found,
                 const Calendar& calendar) {
  Json json = StandingJson(channel, found, calendar);
  const ChannelQueue queue = Of(found.queues, channel.id);
  const ChannelCounts today = Of(found.today, channel.id);
  json["due"] = queue.due;
  json["oldest_due"] = queue.oldest_due
                           ? Json(calendar.FormatMinute(*queue.oldest_due))
                           : Json();
  json["waiting"] = queue.waiting;
  json["unknown"] = queue.unknown;
  json["handed_today"] = today.handed;
  PutLimits(channel, &json);
  json["today"] = CountsJson(today);
  json["week"] = CountsJson(Of(found.week, channel.id));
  PutStates(Of(found.states, channel.id), &json);
  const ChannelStats stats = Of(found.statuses, channel.id).stats;
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
  const Calendar& calendar = configuration->engine->calendar;
  const Found found = FindStandings(session, calendar);
  Json channels = Json::array();
  for (const Channel& channel : configuration->channels) {
    channels.push_back(StandingJson(channel, found, calendar));
  }
  return channels;
}

Json ChannelsModel(Session& session,
                   const std::map<std::string, PollStats>& polls) {
  const auto configuration = session.configuration();
  const Calendar& calendar = configuration->engine->calendar;
  const Found found = FindAll(session, calendar);
  Json model = {{"now", calendar.FormatMinute(found.now)}};
  model["channels"] = Json::array();
  for (const Channel& channel : configuration->channels) {
    Json json = ChannelJson(channel, found, calendar);
    const auto polled = polls.find(channel.id);
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
