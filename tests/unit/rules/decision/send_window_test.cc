// Send windows in the user's own zone: over midnight, across clock changes, and
// how long a touch may wait.
#include "rules/decision/send_window.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/model/settings.h"

namespace rekindle {
namespace {

struct WindowCase {
  int from_hour, from_minute, to_hour, to_minute;
  Duration wait;
  const char* zone;
  const char* at;
  const char* due;  // "never" where the wait is too short
};

constexpr Duration kDay{24, DurationUnit::kHour};

TEST(SendWindow, IsInTheUsersOwnZone) {
  const std::vector<WindowCase> cases = {
      // inside, at both ends
      {9, 0, 21, 0, kDay, "Asia/Shanghai", "2026-03-05T09:00:00+08:00",
       "2026-03-05T09:00:00+08:00"},
      {9, 0, 21, 0, kDay, "Asia/Shanghai", "2026-03-05T20:59:59+08:00",
       "2026-03-05T20:59:59+08:00"},
      {9, 0, 21, 0, kDay, "Asia/Shanghai", "2026-03-05T21:00:00+08:00",
       "2026-03-06T09:00:00+08:00"},
      // the same instant elsewhere
      {9, 0, 21, 0, kDay, "Europe/Berlin", "2026-03-05T09:00:00+08:00",
       "2026-03-05T09:00:00+01:00"},
      {9, 0, 21, 0, kDay, "America/New_York", "2026-03-05T09:00:00+08:00",
       "2026-03-04T20:00:00-05:00"},
      // the wait
      {9,
       0,
       21,
       0,
       {12, DurationUnit::kHour},
       "UTC",
       "2026-03-05T21:00:00Z",
       "2026-03-06T09:00:00+00:00"},
      {9,
       0,
       21,
       0,
       {11, DurationUnit::kHour},
       "UTC",
       "2026-03-05T21:00:00Z",
       "never"},
      {9,
       0,
       21,
       0,
       {30, DurationUnit::kMinute},
       "UTC",
       "2026-03-05T08:30:00Z",
       "2026-03-05T09:00:00+00:00"},
      {9,
       0,
       21,
       0,
       {29, DurationUnit::kMinute},
       "UTC",
       "2026-03-05T08:30:00Z",
       "never"},
      // over midnight
      {21, 0, 2, 0, kDay, "UTC", "2026-03-05T23:00:00Z",
       "2026-03-05T23:00:00+00:00"},
      {21, 0, 2, 0, kDay, "UTC", "2026-03-05T01:59:59Z",
       "2026-03-05T01:59:59+00:00"},
      {21, 0, 2, 0, kDay, "UTC", "2026-03-05T02:00:00Z",
       "2026-03-05T21:00:00+00:00"},
      // to the end of the day, and a whole one
      {18, 0, 24, 0, kDay, "UTC", "2026-03-05T23:59:59Z",
       "2026-03-05T23:59:59+00:00"},
      {18, 0, 24, 0, kDay, "UTC", "2026-03-05T00:00:00Z",
       "2026-03-05T18:00:00+00:00"},
      {0, 0, 24, 0, kDay, "UTC", "2026-03-05T00:00:00Z",
       "2026-03-05T00:00:00+00:00"},
      // the opening lies in a gap: the first instant after it
      {2, 30, 5, 0, kDay, "America/New_York", "2026-03-08T01:30:00-05:00",
       "2026-03-08T03:00:00-04:00"},
      // the whole window lies in it: the next day's
      {2,
       10,
       2,
       40,
       {12, DurationUnit::kHour},
       "America/New_York",
       "2026-03-08T01:30:00-05:00",
       "never"},
      {2,
       10,
       2,
       40,
       {2, DurationUnit::kDay},
       "America/New_York",
       "2026-03-08T01:30:00-05:00",
       "2026-03-09T02:10:00-04:00"},
      // 01:30 twice: open from the first on
      {1, 30, 3, 0, kDay, "America/New_York", "2026-11-01T01:10:00-05:00",
       "2026-11-01T01:10:00-05:00"},
  };
  for (const WindowCase& c : cases) {
    Rule rule;
    rule.window =
        SendWindow{std::chrono::minutes(c.from_hour * 60 + c.from_minute),
                   std::chrono::minutes(c.to_hour * 60 + c.to_minute)};
    rule.wait = c.wait;
    SCOPED_TRACE(FormatWindow(*rule.window) + " in " + c.zone + " at " + c.at);
    const Calendar zone = *Calendar::Load(c.zone);
    const EngineSettings settings;
    auto due = SendTimeOf(rule, zone.ParseMoment(c.at)->at, zone, settings).due;
    EXPECT_EQ(due ? zone.Format(*due) : "never", c.due);
  }
}

TEST(SendWindow, DoesNotHoldForTransactionalRules) {
  Rule rule;
  rule.marketing = false;
  rule.window = SendWindow{std::chrono::hours(9), std::chrono::hours(21)};
  rule.wait = {1, DurationUnit::kHour};
  const Calendar zone = Calendar::Utc();
  const Instant night = zone.ParseMoment("2026-03-05T03:00:00Z")->at;
  EXPECT_EQ(SendTimeOf(rule, night, zone, EngineSettings()).due, night);
  EXPECT_EQ(ExpiresAt(rule, night, EngineSettings()),
            night + std::chrono::hours(24));
}

TEST(SendWindow, TouchesExpireAfterTheWait) {
  Rule rule;
  const Instant at = Calendar::Utc().ParseMoment("2026-03-05T03:00:00Z")->at;
  EXPECT_EQ(ExpiresAt(rule, at, EngineSettings()), at + std::chrono::hours(24));
  rule.wait = {36, DurationUnit::kHour};
  EXPECT_EQ(ExpiresAt(rule, at, EngineSettings()), at + std::chrono::hours(36));
}

}  // namespace
}  // namespace rekindle
