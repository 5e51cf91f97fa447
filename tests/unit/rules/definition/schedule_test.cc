// Schedules: what they read, and when they are due across month ends, leap days
// and clock changes.
#include "rules/definition/schedule.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rekindle {
namespace {

Calendar Zone(const std::string& name) { return *Calendar::Load(name); }

Instant At(const Calendar& zone, const std::string& text) {
  auto moment = zone.ParseMoment(text);
  EXPECT_TRUE(moment.has_value()) << text;
  return moment ? moment->at : Instant();
}

struct DueCase {
  const char* schedule;
  const char* zone;
  const char* at;
  const char* latest;  // nullptr: never within the horizon
  const char* next;
};

std::string Text(const std::optional<Instant>& at, const Calendar& zone) {
  return at ? zone.Format(*at) : "never";
}

TEST(Schedule, IsDue) {
  const std::vector<DueCase> cases = {
      // daily
      {"daily 10:00", "Asia/Shanghai", "2026-02-14T09:59:59+08:00",
       "2026-02-13T10:00:00+08:00", "2026-02-14T10:00:00+08:00"},
      {"daily 10:00", "Asia/Shanghai", "2026-02-14T10:00:00+08:00",
       "2026-02-14T10:00:00+08:00", "2026-02-15T10:00:00+08:00"},
      {"  daily   00:00 ", "UTC", "2026-03-01T00:00:00Z",
       "2026-03-01T00:00:00+00:00", "2026-03-02T00:00:00+00:00"},
      // weekly
      {"weekly mon,thu 10:00", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-12T10:00:00+00:00", "2026-02-16T10:00:00+00:00"},
      {"weekly Sunday 23:59", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-08T23:59:00+00:00", "2026-02-15T23:59:00+00:00"},
      // monthly, with days that some months lack
      {"monthly 1 10:00", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-01T10:00:00+00:00", "2026-03-01T10:00:00+00:00"},
      {"monthly last 10:00", "UTC", "2026-02-14T12:00:00Z",
       "2026-01-31T10:00:00+00:00", "2026-02-28T10:00:00+00:00"},
      {"monthly last 10:00", "UTC", "2028-02-14T12:00:00Z",
       "2028-01-31T10:00:00+00:00", "2028-02-29T10:00:00+00:00"},
      {"monthly 31 10:00", "UTC", "2026-04-02T12:00:00Z",
       "2026-03-31T10:00:00+00:00", "2026-04-30T10:00:00+00:00"},
      {"monthly 29 10:00", "UTC", "2026-02-02T12:00:00Z",
       "2026-01-29T10:00:00+00:00", "2026-02-28T10:00:00+00:00"},
      {"monthly 1,15,last 08:30", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-01T08:30:00+00:00", "2026-02-15T08:30:00+00:00"},
      {"monthly 30,31 10:00", "UTC", "2026-02-28T10:00:00Z",
       "2026-02-28T10:00:00+00:00", "2026-03-30T10:00:00+00:00"},
      // cron
      {"cron \"0 10 * * 1\"", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-09T10:00:00+00:00", "2026-02-16T10:00:00+00:00"},
      {"cron '*/15 9-17 * * mon-fri'", "UTC", "2026-02-13T17:50:00Z",
       "2026-02-13T17:45:00+00:00", "2026-02-16T09:00:00+00:00"},
      {"cron 5,35 */6 * JAN-feb,12 *", "UTC", "2026-02-28T18:40:00Z",
       "2026-02-28T18:35:00+00:00", "2026-12-01T00:05:00+00:00"},
      {"cron \"0 8 * * 7\"", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-08T08:00:00+00:00", "2026-02-15T08:00:00+00:00"},
      {"cron \"0 8 * * fri-sun\"", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-14T08:00:00+00:00", "2026-02-15T08:00:00+00:00"},
      {"cron \"0 8 1-31/10 * *\"", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-11T08:00:00+00:00", "2026-02-21T08:00:00+00:00"},
      // a step beyond the range leaves its first
      {"cron \"5-9/2147483647 8 * * *\"", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-14T08:05:00+00:00", "2026-02-15T08:05:00+00:00"},
      // both day fields restricted: either suffices
      {"cron \"0 8 13 * fri\"", "UTC", "2026-02-16T12:00:00Z",
       "2026-02-13T08:00:00+00:00", "2026-02-20T08:00:00+00:00"},
      {"cron \"0 8 18 * fri\"", "UTC", "2026-02-16T12:00:00Z",
       "2026-02-13T08:00:00+00:00", "2026-02-18T08:00:00+00:00"},
      // one of them begins with *: both must hold
      {"cron \"0 8 */2 * fri\"", "UTC", "2026-02-14T12:00:00Z",
       "2026-02-13T08:00:00+00:00", "2026-02-27T08:00:00+00:00"},
      {"cron \"0 0 29 2 *\"", "UTC", "2026-02-14T12:00:00Z",
       "2024-02-29T00:00:00+00:00", "2028-02-29T00:00:00+00:00"},
      {"cron @hourly", "UTC", "2026-02-14T12:30:00Z",
       "2026-02-14T12:00:00+00:00", "2026-02-14T13:00:00+00:00"},
      {"cron @weekly", "UTC", "2026-02-14T12:30:00Z",
       "2026-02-08T00:00:00+00:00", "2026-02-15T00:00:00+00:00"},
      {"cron \"@monthly\"", "UTC", "2026-02-14T12:30:00Z",
       "2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"},
      // every
      {"every 5 minutes", "UTC", "2026-02-14T12:34:56Z",
       "2026-02-14T12:30:00+00:00", "2026-02-14T12:35:00+00:00"},
      {"every 7 hours", "UTC", "2026-02-14T23:00:00Z",
       "2026-02-14T21:00:00+00:00", "2026-02-15T00:00:00+00:00"},
      {"every 24 hours", "UTC", "2026-02-14T23:00:00Z",
       "2026-02-14T00:00:00+00:00", "2026-02-15T00:00:00+00:00"},
      // a gap: 02:00 to 03:00 on 2026-03-08
      {"daily 02:30", "America/New_York", "2026-03-08T12:00:00Z",
       "2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"},
      {"daily 02:30", "America/New_York", "2026-03-08T06:59:00Z",
       "2026-03-07T02:30:00-05:00", "2026-03-08T03:00:00-04:00"},
      {"every 30 minutes", "America/New_York", "2026-03-08T07:10:00Z",
       "2026-03-08T03:00:00-04:00", "2026-03-08T03:30:00-04:00"},
      // an overlap: 01:00 to 02:00 twice on 2026-11-01
      {"daily 01:30", "America/New_York", "2026-11-01T06:45:00Z",
       "2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"},
      {"every 30 minutes", "America/New_York", "2026-11-01T06:10:00Z",
       "2026-11-01T01:00:00-05:00", "2026-11-01T01:30:00-05:00"},
      {"cron \"*/30 * * * *\"", "America/New_York", "2026-11-01T06:10:00Z",
       "2026-11-01T01:30:00-04:00", "2026-11-01T02:00:00-05:00"},
      // midnight itself is skipped
      {"daily 00:00", "America/Santiago", "2026-09-06T12:00:00Z",
       "2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"},
      // the whole of 2011-12-30 is skipped
      {"daily 10:00", "Pacific/Apia", "2011-12-30T10:00:00Z",
       "2011-12-31T00:00:00+14:00", "2011-12-31T10:00:00+14:00"},
  };
  for (const DueCase& c : cases) {
    SCOPED_TRACE(std::string(c.schedule) + " in " + c.zone + " at " + c.at);
    auto schedule = Schedule::Parse(c.schedule);
    ASSERT_TRUE(schedule.has_value()) << schedule.error().message;
    const Calendar zone = Zone(c.zone);
    const Instant at = At(zone, c.at);
    EXPECT_EQ(Text(schedule->LatestDue(at, zone), zone), c.latest);
    EXPECT_EQ(Text(schedule->NextDue(at, zone), zone), c.next);
  }
}

TEST(Schedule, ThatWasNotReadIsNeverDue) {
  const Calendar zone = Calendar::Utc();
  const Instant at = At(zone, "2026-02-14T12:00:00Z");
  EXPECT_FALSE(Schedule().LatestDue(at, zone));
  EXPECT_FALSE(Schedule().NextDue(at, zone));
}

// The latest at any instant is the next of the one before: walking forward and
// looking back see the same instants.
TEST(Schedule, LooksBackAndForwardAlike) {
  for (const char* text : {"every 45 minutes", "cron \"10 */2 * * *\"",
                           "daily 02:30", "monthly 30 01:30"}) {
    for (const char* name :
         {"America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"}) {
      SCOPED_TRACE(std::string(text) + " in " + name);
      auto schedule = Schedule::Parse(text);
      ASSERT_TRUE(schedule.has_value());
      const Calendar zone = Zone(name);
      Instant at = At(zone, "2026-03-01T00:00:00Z");
      const Instant end = At(zone, "2026-04-20T00:00:00Z");
      while (at < end) {
        auto next = schedule->NextDue(at, zone);
        ASSERT_TRUE(next);
        ASSERT_GT(*next, at);
        EXPECT_EQ(Text(schedule->LatestDue(*next, zone), zone),
                  Text(next, zone));
        auto before =
            schedule->LatestDue(*next - std::chrono::milliseconds(1), zone);
        ASSERT_TRUE(before);
        EXPECT_LE(*before, at);
        at = *next;
      }
    }
  }
}

TEST(Schedule, SaysWhatIsWrong) {
  const std::string forms =
      "schedule must be \"daily 10:00\", \"weekly mon,thu 10:00\", \"monthly 1 "
      "10:00\", \"monthly last 10:00\", 'cron \"0 10 * * 1\"' or \"every 5 "
      "minutes\", not ";
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"", forms + "\"\""},
      {"noon", forms + "\"noon\""},
      {"dialy 10:00", forms + "\"dialy 10:00\"; did you mean \"daily\"?"},
      {"daily",
       "the time of a schedule must be HH:MM, 00:00 to 23:59, not \"\""},
      {"daily 9:00",
       "the time of a schedule must be HH:MM, 00:00 to 23:59, not \"9:00\""},
      {"daily 24:00",
       "the time of a schedule must be HH:MM, 00:00 to 23:59, not \"24:00\""},
      {"daily 10:00 11:00",
       "the time of a schedule must be HH:MM, 00:00 to 23:59, not \"10:00 "
       "11:00\""},
      {"weekly mon,thr 10:00",
       "\"thr\" is no day of the week; expected mon, tue, wed, thu, fri, sat "
       "or sun"},
      {"weekly 10:00",
       "\"10:00\" is no day of the week; expected mon, tue, wed, thu, fri, "
       "sat or sun"},
      {"monthly 0 10:00",
       "\"0\" is no day of a month; expected 1 to 31 or last"},
      {"monthly 32 10:00",
       "\"32\" is no day of a month; expected 1 to 31 or last"},
      {"monthly first 10:00",
       "\"first\" is no day of a month; expected 1 to 31 or last"},
      {"monthly 1",
       "the time of a schedule must be HH:MM, 00:00 to 23:59, not \"\""},
      {"every 0 minutes",
       "\"0 minutes\" is not a duration: the number must be at least 1"},
      {"every 2 days",
       "\"every 2 days\": every takes minutes or hours; for days, weeks and "
       "months there are daily, weekly and monthly"},
      {"every 25 hours",
       "\"every 25 hours\": every takes at most 24 hours, as it counts from "
       "midnight"},
      {"cron \"0 10 * *\"",
       "cron \"0 10 * *\": expected five fields (minute, hour, day of month, "
       "month, day of week), not 4"},
      {"cron \"60 10 * * *\"", "cron minute \"60\": expected 0 to 59"},
      {"cron \"0 24 * * *\"", "cron hour \"24\": expected 0 to 23"},
      {"cron \"0 0 0 * *\"", "cron day of month \"0\": expected 1 to 31"},
      {"cron \"0 0 * foo *\"",
       "cron month \"foo\": expected 1 to 12, jan to dec"},
      {"cron \"0 0 * * 8\"",
       "cron day of week \"8\": expected 0 to 7, sun to sat"},
      {"cron \"0 0 * * fri-mon\"",
       "cron day of week \"fri-mon\": the range ends before it starts"},
      {"cron \"*/0 0 * * *\"",
       "cron minute \"*/0\": a step is a whole number, at least 1"},
      {"cron \"5/10 0 * * *\"",
       "cron minute \"5/10\": a step needs * or a range before it"},
      {"cron \"1,,2 0 * * *\"", "cron minute \"\": expected 0 to 59"},
      {"cron \"0 0 30 2 *\"",
       "cron \"0 0 30 2 *\" is never due: none of these months has such a "
       "day"},
      {"cron @reboot",
       "cron \"@reboot\": expected @hourly, @daily, @weekly, @monthly or five "
       "fields"},
  };
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    auto schedule = Schedule::Parse(text);
    ASSERT_FALSE(schedule.has_value());
    EXPECT_EQ(schedule.error().kind, ErrorKind::kUsage);
    EXPECT_EQ(schedule.error().message, message);
  }
}

}  // namespace
}  // namespace rekindle
