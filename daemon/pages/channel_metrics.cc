#include "daemon/pages/channel_metrics.h"

#include <fmt/format.h>

#include <functional>

namespace rekindle {
namespace {

using Seconds = std::chrono::duration<double>;

// One channel as it stands.
struct ChannelStanding {
  std::string id;
  ChannelStatus status;
  ChannelQueue queue;
  bool held = false;
  DeliverySettings delivery;
};

std::vector<ChannelStanding> StandingsOf(Session& session, Instant now) {
  const ChannelBook& book = session.engine().ledger().channels();
  const auto statuses = session.dispatcher().Statuses();
  const auto queues = book.Queues(now);
  const auto holds = book.Holds();
  std::vector<ChannelStanding> standings;
  const auto configuration = session.configuration();
  for (const Channel& channel : configuration->channels) {
    ChannelStanding standing{
        channel.id, {}, {}, holds.contains(channel.id), channel.delivery};
    if (const auto found = statuses.find(channel.id); found != statuses.end()) {
      standing.status = found->second;
    }
    if (const auto found = queues.find(channel.id); found != queues.end()) {
      standing.queue = found->second;
    }
    standings.push_back(std::move(standing));
  }
  return standings;
}

class Writer {
 public:
  explicit Writer(const std::vector<ChannelStanding>& standings)
      : standings_(standings) {}

  void Family(std::string_view name, std::string_view type,
              std::string_view help) {
    name_ = name;
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void Sample(std::string_view suffix, const std::string& channel,
              const std::string& labels, double value) {
    out_ += fmt::format("{}{}{{channel=\"{}\"{}}} {}\n", name_, suffix, channel,
                        labels, value);
  }
  // One sample a channel.
  void Each(std::string_view name, std::string_view type, std::string_view help,
            const std::function<double(const ChannelStanding&)>& value) {
    Family(name, type, help);
    for (const ChannelStanding& s : standings_) Sample("", s.id, "", value(s));
  }
  std::string Take() { return std::move(out_); }

 private:
  const std::vector<ChannelStanding>& standings_;
  std::string_view name_;
  std::string out_;
};

void Outcomes(const std::vector<ChannelStanding>& standings, Writer& writer) {
  writer.Family("rekindle_messages_total", "counter",
                "Answers to messages by outcome class.");
  for (const ChannelStanding& s : standings) {
    for (size_t i = 0; i < kOutcomeClasses; ++i) {
      const auto name = OutcomeClassName(static_cast<OutcomeClass>(i));
      writer.Sample("", s.id, fmt::format(",outcome=\"{}\"", name),
                    static_cast<double>(s.status.stats.outcomes[i]));
    }
  }
}

void Times(const std::vector<ChannelStanding>& standings, Writer& writer) {
  writer.Family("rekindle_send_duration_seconds", "histogram",
                "From a message handed to the adapter to its outcome.");
  for (const ChannelStanding& s : standings) {
    const ChannelStats& stats = s.status.stats;
    int64_t within = 0;
    for (size_t i = 0; i < ChannelStats::kBuckets.size(); ++i) {
      within += stats.took[i];
      writer.Sample("_bucket", s.id,
                    fmt::format(",le=\"{}\"", ChannelStats::kBuckets[i]),
                    static_cast<double>(within));
    }
    const auto count = static_cast<double>(stats.count());
    writer.Sample("_bucket", s.id, ",le=\"+Inf\"", count);
    writer.Sample("_sum", s.id, "", stats.seconds);
    writer.Sample("_count", s.id, "", count);
  }
}

void Queues(Instant now, Writer& writer) {
  writer.Each("rekindle_queue_depth", "gauge", "Touches that are due.",
              [](const ChannelStanding& s) { return s.queue.due; });
  writer.Each("rekindle_queue_oldest_age_seconds", "gauge",
              "For how long the oldest due touch has been due.",
              [&](const ChannelStanding& s) {
                return s.queue.oldest_due
                           ? Seconds(now - *s.queue.oldest_due).count()
                           : 0;
              });
  writer.Each("rekindle_channel_unknown_touches", "gauge",
              "Touches that may have been sent, not settled.",
              [](const ChannelStanding& s) { return s.queue.unknown; });
  writer.Each(
      "rekindle_channel_in_flight", "gauge",
      "Messages handed to the adapter, not answered yet.",
      [](const ChannelStanding& s) { return s.status.stats.in_flight; });
}

}  // namespace

std::string ChannelMetrics(Session& session) {
  const Instant now = session.clock().Now();
  const std::vector<ChannelStanding> standings = StandingsOf(session, now);
  Writer writer(standings);
  Outcomes(standings, writer);
  Times(standings, writer);
  Queues(now, writer);
  writer.Each("rekindle_messages_cost_total", "counter",
              "Price of the accepted messages, as the settings say.",
              [](const ChannelStanding& s) { return s.status.stats.cost; });
  writer.Each("rekindle_channel_dropped_total", "counter",
              "Touches dropped by the checks before sending.",
              [](const ChannelStanding& s) { return s.status.stats.dropped; });
  writer.Each(
      "rekindle_channel_circuit_open", "gauge",
      "1 while the channel is stopped after failures.",
      [](const ChannelStanding& s) { return s.status.opening ? 1 : 0; });
  writer.Each("rekindle_channel_held", "gauge",
              "1 while an operator has paused or drains the channel.",
              [](const ChannelStanding& s) { return s.held ? 1 : 0; });
  writer.Each("rekindle_channel_store_failing", "gauge",
              "1 while outcomes cannot be written.",
              [](const ChannelStanding& s) {
                return s.status.store_failure.empty() ? 0 : 1;
              });
  writer.Each("rekindle_channel_rate_limit", "gauge",
              "Messages a second at most; 0 is without limit.",
              [](const ChannelStanding& s) { return s.delivery.per_second; });
  return writer.Take();
}

}  // namespace rekindle
