#include "daemon/session/channel_figures.h"

#include <fmt/format.h>

namespace rekindle {
namespace {

// Counts are kept by it: a span up to now ends with the one that has begun.
constexpr std::chrono::minutes kQuarterHour{15};

template <class Value>
Value ValueOf(const std::map<std::string, Value>& by_channel,
              const std::string& channel) {
  const auto found = by_channel.find(channel);
  return found == by_channel.end() ? Value() : found->second;
}

// Adds whether it sends to what that is told from.
void Judge(Instant now, const Calendar& calendar, ChannelStanding* standing) {
  const auto put = [&](std::string_view word, std::string why,
                       std::optional<Instant> until) {
    standing->word = word;
    standing->why = std::move(why);
    standing->until = until;
  };
  const DeliverySettings& delivery = standing->channel->delivery;
  const ChannelStatus& status = standing->status;
  if (standing->hold) {
    put(HoldModeName(standing->hold->mode),
        fmt::format("{}, {}", standing->hold->who,
                    calendar.FormatMinute(standing->hold->since)),
        {});
  } else if (!status.store_failure.empty()) {
    put("disk_failing", status.store_failure, {});
  } else if (status.opening) {
    put("stopped", status.opening->reason, status.opening->until);
  } else if (delivery.per_day && standing->today.handed >= *delivery.per_day) {
    put("day_full", "",
        calendar.StartOf(calendar.DayOf(now) + std::chrono::days(1)));
  } else if (delivery.hours && delivery.hours->OpenFrom(now, calendar) > now) {
    put("outside_hours", delivery.hours->Text(),
        delivery.hours->OpenFrom(now, calendar));
  }
}

}  // namespace

std::vector<ChannelStanding> StandingsOf(Session& session,
                                         const Configuration& configuration,
                                         Instant now) {
  const ChannelBook& book = session.engine().ledger().channels();
  const Calendar& calendar = configuration.engine->calendar;
  const Instant day = calendar.StartOf(calendar.DayOf(now));
  const auto holds = book.Holds();
  const auto today = book.Counts(day, now + kQuarterHour);
  const auto statuses = session.dispatcher().Statuses();
  std::vector<ChannelStanding> standings;
  for (const Channel& channel : configuration.channels) {
    ChannelStanding standing{.channel = &channel,
                             .status = ValueOf(statuses, channel.id),
                             .today = ValueOf(today, channel.id)};
    if (const auto hold = holds.find(channel.id); hold != holds.end()) {
      standing.hold = hold->second;
    }
    Judge(now, calendar, &standing);
    standings.push_back(std::move(standing));
  }
  return standings;
}

std::vector<ChannelFigures> FiguresOf(Session& session,
                                      const Configuration& configuration,
                                      Instant now) {
  const auto queues = session.engine().ledger().channels().Queues(now);
  std::vector<ChannelFigures> figures;
  for (ChannelStanding& standing : StandingsOf(session, configuration, now)) {
    ChannelFigures channel{std::move(standing), {}};
    channel.queue = ValueOf(queues, channel.channel->id);
    figures.push_back(std::move(channel));
  }
  return figures;
}

std::string MoneyText(int64_t millionths) {
  return fmt::format("{:.2f}", static_cast<double>(millionths) / 1e6);
}

}  // namespace rekindle
