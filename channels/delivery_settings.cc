#include "channels/delivery_settings.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace rekindle {
namespace {

constexpr double kMillionths = 1e6;

void TakeRate(yaml::Section& channel, DeliverySettings* settings) {
  const auto node = channel.Take("rate");
  if (!node) return;
  yaml::Diagnostics& d = channel.diagnostics();
  yaml::Section rate(*node, d, "rate");
  if (const auto per_second = rate.Take("per_second")) {
    const auto number = per_second->AsNumber(d, "per_second");
    if (number && *number <= 0) {
      d.Error(per_second->position(),
              "per_second must be more than 0; to stop a channel, use "
              "\"rekindle channel pause\"");
    }
    settings->per_second = number.value_or(0);
  }
  if (rate.Has("per_day")) {
    settings->per_day =
        rate.GetInteger("per_day", 1, 1, std::numeric_limits<int64_t>::max());
  }
  rate.Finish();
}

void TakeHours(yaml::Section& channel, DeliverySettings* settings) {
  const auto node = channel.Take("hours");
  if (!node) return;
  yaml::Diagnostics& d = channel.diagnostics();
  const auto text = node->AsString(d, "hours");
  if (!text) return;
  settings->hours = DaySpan::Parse(*text);
  if (settings->hours) return;
  d.Error(node->position(),
          fmt::format("hours must be like 08:00-21:00, not \"{}\"", *text));
}

void TakeRetry(yaml::Section& channel, RetrySettings* retry) {
  const auto node = channel.Take("retry");
  if (!node) return;
  yaml::Section section(*node, channel.diagnostics(), "retry");
  constexpr int64_t kDay = 24 * 3600;
  retry->first =
      std::chrono::seconds(section.GetInteger("first_seconds", 1, 1, kDay));
  retry->most =
      std::chrono::seconds(section.GetInteger("most_seconds", 300, 1, kDay));
  retry->tries = static_cast<int>(section.GetInteger("tries", 0, 1, 1000));
  section.Finish();
  if (retry->first > retry->most) {
    channel.diagnostics().Error(
        node->position(), "first_seconds must not be more than most_seconds");
  }
}

void TakeCircuit(yaml::Section& channel, CircuitSettings* circuit) {
  const auto node = channel.Take("circuit");
  if (!node) return;
  yaml::Section section(*node, channel.diagnostics(), "circuit");
  circuit->after = static_cast<int>(section.GetInteger("after", 20, 1, 10'000));
  circuit->pause = std::chrono::seconds(
      section.GetInteger("pause_seconds", 60, 1, 24 * 3600));
  section.Finish();
}

void TakeCost(yaml::Section& channel, DeliverySettings* settings) {
  const auto node = channel.Take("cost");
  if (!node) return;
  yaml::Diagnostics& d = channel.diagnostics();
  const auto cost = node->AsNumber(d, "cost");
  if (!cost) return;
  if (*cost < 0 || *cost > 1e6) {
    d.Error(node->position(), "cost must be between 0 and 1000000 a message");
    return;
  }
  settings->cost = std::llround(*cost * kMillionths);
}

}  // namespace

DeliverySettings TakeDelivery(yaml::Section& channel) {
  DeliverySettings settings;
  TakeRate(channel, &settings);
  TakeHours(channel, &settings);
  TakeRetry(channel, &settings.retry);
  TakeCircuit(channel, &settings.circuit);
  TakeCost(channel, &settings);
  settings.notify = channel.GetString("notify", "");
  return settings;
}

}  // namespace rekindle
