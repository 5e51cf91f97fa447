#include "daemon/pages/channel_metrics.h"

#include <fmt/format.h>

#include <functional>

#include "daemon/session/channel_figures.h"

namespace rekindle {
namespace {

using Seconds = std::chrono::duration<double>;

class Writer {
 public:
  explicit Writer(const std::vector<ChannelFigures>& channels)
      : channels_(channels) {}

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
            const std::function<double(const ChannelFigures&)>& value) {
    Family(name, type, help);
    for (const ChannelFigures& c : channels_) {
      Sample("", c.channel->id, "", value(c));
    }
  }
  std::string Take() { return std::move(out_); }

 private:
  const std::vector<ChannelFigures>& channels_;
  std::string_view name_;
  std::string out_;
};

void Outcomes(const std::vector<ChannelFigures>& channels, Writer& writer) {
  writer.Family("rekindle_messages_total", "counter",
                "Answers to messages by outcome class.");
  for (const ChannelFigures& c : channels) {
    for (size_t i = 0; i < kOutcomeClasses; ++i) {
      const auto name = OutcomeClassName(static_cast<OutcomeClass>(i));
      writer.Sample("", c.channel->id, fmt::format(",outcome=\"{}\"", name),
                    static_cast<double>(c.status.stats.outcomes[i]));
    }
  }
}

void Times(const std::vector<ChannelFigures>& channels, Writer& writer) {
  writer.Family("rekindle_send_duration_seconds", "histogram",
                "From a message handed to the adapter to its outcome.");
  for (const ChannelFigures& c : channels) {
    const ChannelStats& stats = c.status.stats;
    int64_t within = 0;
    for (size_t i = 0; i < ChannelStats::kBuckets.size(); ++i) {
      within += stats.took[i];
      writer.Sample("_bucket", c.channel->id,
                    fmt::format(",le=\"{}\"", ChannelStats::kBuckets[i]),
                    static_cast<double>(within));
    }
    const auto count = static_cast<double>(stats.count());
    writer.Sample("_bucket", c.channel->id, ",le=\"+Inf\"", count);
    writer.Sample("_sum", c.channel->id, "", stats.seconds);
    writer.Sample("_count", c.channel->id, "", count);
  }
}

void Queues(Instant now, Writer& writer) {
  writer.Each("rekindle_queue_depth", "gauge", "Touches that are due.",
              [](const ChannelFigures& c) { return c.queue.due; });
  writer.Each("rekindle_queue_oldest_age_seconds", "gauge",
              "For how long the oldest due touch has been due.",
              [&](const ChannelFigures& c) {
                return c.queue.oldest_due
                           ? Seconds(now - *c.queue.oldest_due).count()
                           : 0;
              });
  writer.Each("rekindle_channel_unknown_touches", "gauge",
              "Touches that may have been sent, not settled.",
              [](const ChannelFigures& c) { return c.queue.unknown; });
  writer.Each("rekindle_channel_in_flight", "gauge",
              "Messages handed to the adapter, not answered yet.",
              [](const ChannelFigures& c) { return c.status.stats.in_flight; });
}

}  // namespace

std::string ChannelMetrics(Session& session) {
  const Instant now = session.clock().Now();
  const auto configuration = session.configuration();
  const auto channels = FiguresOf(session, *configuration, now);
  Writer writer(channels);
  Outcomes(channels, writer);
  Times(channels, writer);
  Queues(now, writer);
  writer.Each("rekindle_messages_cost_total", "counter",
              "Price of the accepted messages, as the settings say.",
              [](const ChannelFigures& c) { return c.status.stats.cost; });
  writer.Each("rekindle_channel_dropped_total", "counter",
              "Touches dropped by the checks before sending.",
              [](const ChannelFigures& c) { return c.status.stats.dropped; });
  writer.Each("rekindle_channel_circuit_open", "gauge",
              "1 while the channel is stopped after failures.",
              [](const ChannelFigures& c) { return c.status.opening ? 1 : 0; });
  writer.Each("rekindle_channel_held", "gauge",
              "1 while an operator has paused or drains the channel.",
              [](const ChannelFigures& c) { return c.hold ? 1 : 0; });
  writer.Each("rekindle_channel_store_failing", "gauge",
              "1 while outcomes cannot be written.",
              [](const ChannelFigures& c) {
                return c.status.store_failure.empty() ? 0 : 1;
              });
  writer.Each(
      "rekindle_channel_rate_limit", "gauge",
      "Messages a second at most; 0 is without limit.",
      [](const ChannelFigures& c) { return c.channel->delivery.per_second; });
  return writer.Take();
}

}  // namespace rekindle
