// A small configuration, and conditions parsed against it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/conditions/condition.h"
#include "engine/model/settings.h"
#include "engine/settings/settings_parser.h"
#include "tests/support/yaml_text.h"

namespace rekindle {

inline LocalDay Day(int y, int m, int d) {
  return LocalDay(std::chrono::year(y) / m / d);
}

inline constexpr char kConditionSettings[] = R"(
time_zone: Asia/Shanghai
behaviors:
  trip: {event: trip_completed}
  shop: {event: order_paid}
lifecycle:
  substates: {churned: {driving: {did: {behavior: trip, within: 2 months}}}}
preferences:
  min_active_days: 2
  labels: {driver: trip, shopper: shop}
segments:
  vips: {tag: vip}
  adults: {profile: {age: {gte: 18}}}
  vip_drivers: {segment: vips, did: {behavior: trip}}
)";

inline EngineSettings Settings(const std::string& text = kConditionSettings) {
  yaml::Diagnostics d;
  yaml::Section main(testing::YamlOf(text), d, "settings");
  std::vector<yaml::Section> none;
  EngineSettings settings = ParseEngineSettings(main, none, d);
  for (const char* other : {"rules", "channels"}) main.Take(other);
  main.Finish();
  EXPECT_EQ(testing::MessagesOf(d), "");
  return settings;
}

inline std::shared_ptr<const Condition> Parsed(const std::string& text,
                                               const EngineSettings& settings,
                                               yaml::Diagnostics* d) {
  return ParseCondition(testing::YamlOf(text), VocabularyOf(settings), *d,
                        "when");
}

// Warnings are no concern here.
inline std::shared_ptr<const Condition> Good(const std::string& text,
                                             const EngineSettings& settings) {
  yaml::Diagnostics d;
  auto condition = Parsed(text, settings, &d);
  EXPECT_TRUE(d.ok()) << text << "\n" << testing::MessagesOf(d);
  return condition;
}

}  // namespace rekindle
