#include "config/base/calendar.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Calendar Zone(const std::string& name) {
  auto calendar = Calendar::Load(name);
  EXPECT_TRUE(calendar) << name;
  return calendar.value_or(Calendar::Utc());
}

LocalDay Day(int year, unsigned month, unsigned day) {
  return LocalDay(std::chrono::year(year) / std::chrono::month(month) /
                  std::chrono::day(day));
}

Instant At(const std::string& text) {
  auto moment = Calendar::Utc().ParseMoment(text);
  EXPECT_TRUE(moment) << text;
  return moment ? moment->at : Instant();
}

TEST(CalendarLoad, RefusesWhatIsNoZone) {
  struct {
    const char* name;
    const char* message;
  } rows[] = {
      {"Asia/Shangai",
       "unknown time zone \"Asia/Shangai\"; did you mean \"Asia/Shanghai\"?"},
      {"asia/shanghai",
       "unknown time zone \"asia/shanghai\"; did you mean \"Asia/Shanghai\"?"},
      {"Middle-Earth/Bree",
       "unknown time zone \"Middle-Earth/Bree\"; expected a name such as "
       "\"Asia/Shanghai\""},
      {"localtime",
       "unknown time zone \"localtime\"; expected a name such as "
       "\"Asia/Shanghai\""},
      {"/usr/share/zoneinfo/UTC",
       "unknown time zone \"/usr/share/zoneinfo/UTC\"; expected a name such "
       "as \"Asia/Shanghai\""},
      {"", "unknown time zone \"\"; expected a name such as \"Asia/Shanghai\""},
  };
  for (const auto& row : rows) {
    auto loaded = Calendar::Load(row.name);
    ASSERT_FALSE(loaded) << row.name;
    EXPECT_EQ(loaded.error().kind, ErrorKind::kConfiguration) << row.name;
    EXPECT_EQ(loaded.error().message, row.message) << row.name;
  }
  EXPECT_EQ(Zone("Asia/Shanghai").zone_name(), "Asia/Shanghai");
}

TEST(Calendar, ParsesMoments) {
  Calendar shanghai = Zone("Asia/Shanghai");
  struct {
    const char* text;
    const char* instant;
    const char* day;
    bool by_day;
  } rows[] = {
      {"2026-02-14T09:30:00+08:00", "2026-02-14T09:30:00+08:00", "2026-02-14",
       false},
      {"2026-02-14 09:30:00+08:00", "2026-02-14T09:30:00+08:00", "2026-02-14",
       false},
      {"2026-02-14t16:00:00z", "2026-02-15T00:00:00+08:00", "2026-02-15",
       false},
      {"2026-02-14T15:59:59.999Z", "2026-02-14T23:59:59.999+08:00",
       "2026-02-14", false},
      {"2026-02-14T15:59:59.1239Z", "2026-02-14T23:59:59.123+08:00",
       "2026-02-14", false},
      {"2026-02-14T00:00:00-05:30", "2026-02-14T13:30:00+08:00", "2026-02-14",
       false},
      {"2016-12-31T23:59:60Z", "2017-01-01T08:00:00+08:00", "2017-01-01",
       false},
      {"2026-02-14", "2026-02-14T00:00:00+08:00", "2026-02-14", true},
      {"2024-02-29", "2024-02-29T00:00:00+08:00", "2024-02-29", true},
      {"0", "1970-01-01T08:00:00+08:00", "1970-01-01", false},
      {"1770000000", "2026-02-02T10:40:00+08:00", "2026-02-02", false},
      {"99999999999", "5138-11-16T17:46:39+08:00", "5138-11-16", false},
      {"100000000000", "1973-03-03T17:46:40+08:00", "1973-03-03", false},
      {"1770000000123", "2026-02-02T10:40:00.123+08:00", "2026-02-02", false},
      {"1770000000.5", "2026-02-02T10:40:00.500+08:00", "2026-02-02", false},
      {"1770000000.1234567", "2026-02-02T10:40:00.123+08:00", "2026-02-02",
       false},
      {"1770000000123.75", "2026-02-02T10:40:00.123+08:00", "2026-02-02",
       false},
      {"2026-02-14T09:30:00+0800", "2026-02-14T09:30:00+08:00", "2026-02-14",
       false},
      {"2026-02-14T09:30:00.5-0130", "2026-02-14T19:00:00.500+08:00",
       "2026-02-14", false},
      {"2026-02-14 09:30:00+08", "2026-02-14T09:30:00+08:00", "2026-02-14",
       false},
      {"2026-02-14T09:30:00,123Z", "2026-02-14T17:30:00.123+08:00",
       "2026-02-14", false},
      {"2026-02-14T09:30Z", "2026-02-14T17:30:00+08:00", "2026-02-14", false},
      {"2026-02-14T09:30+08:00", "2026-02-14T09:30:00+08:00", "2026-02-14",
       false},
      {"20260214T093000Z", "2026-02-14T17:30:00+08:00", "2026-02-14", false},
      {"20260214T093000.25+0800", "2026-02-14T09:30:00.250+08:00", "2026-02-14",
       false},
      {"20260214T0930Z", "2026-02-14T17:30:00+08:00", "2026-02-14", false},
  };
  for (const auto& row : rows) {
    auto moment = shanghai.ParseMoment(row.text);
    ASSERT_TRUE(moment) << row.text << ": " << moment.error().message;
    EXPECT_EQ(shanghai.Format(moment->at), row.instant) << row.text;
    EXPECT_EQ(FormatDay(moment->day), row.day) << row.text;
    EXPECT_EQ(moment->by_day, row.by_day) << row.text;
  }
}

// What programs write is read at fixed places; the rest, as with a small t,
// with a cursor.
TEST(Calendar, BothWaysOfReadingAgree) {
  const Calendar shanghai = Zone("Asia/Shanghai");
  for (const std::string text :
       {"2026-02-14T09:30:00", "2024-02-29T23:59:59.999", "0001-01-01T00:00:00",
        "9999-12-31T23:59:59.001", "1969-12-31T23:59:59.5",
        "2026-02-29T00:00:00", "0000-01-01T00:00:00", "2026-13-01T00:00:00",
        "2026-02-14T24:00:00", "2026-02-14T00:60:00", "2016-12-31T23:59:60",
        "2016-12-31T15:59:60", "2026-02-14T09:30:0", "2026-02-14T09:30:00."}) {
    for (const char* offset : {"Z", "+00:00", "+08:00", "-05:45", "+23:59",
                               "+24:00", "+08:60", "+0800", "+8", "", "Zx"}) {
      std::string small_t = text;
      small_t[10] = 't';
      const auto placed = shanghai.ParseMoment(text + offset);
      const auto walked = shanghai.ParseMoment(small_t + offset);
      ASSERT_EQ(placed.has_value(), walked.has_value()) << text << offset;
      if (!placed) continue;
      EXPECT_EQ(placed->at, walked->at) << text << offset;
      EXPECT_EQ(placed->day, walked->day) << text << offset;
    }
  }
}

TEST(Calendar, RefusesWhatIsNoMoment) {
  const std::string forms =
      "write 2026-02-14, 2026-02-14T09:30:00+08:00, or unix seconds or "
      "milliseconds";
  struct {
    const char* text;
    std::string why;
  } rows[] = {
      {"2026-02-30", "there is no such day"},
      {"2026-02-29", "there is no such day"},
      {"2026-13-01", "there is no such day"},
      {"2026-00-10", "there is no such day"},
      {"0000-01-01", "there is no such day"},
      {"2026-02-30T00:00:00Z", "there is no such day"},
      {"2026-02-14T24:00:00Z", "there is no such time of day"},
      {"2026-02-14T23:60:00Z", "there is no such time of day"},
      {"2026-02-14T12:00:60Z", "there is no such time of day"},
      {"2026-02-14T09:30:00", "it needs an offset, as Z or +08:00"},
      {"2026-02-14 09:30:00.5", "it needs an offset, as Z or +08:00"},
      {"2026-02-14T09:30:00+8", "its offset must be as Z or +08:00"},
      {"2026-02-14T09:30:00+080", "its offset must be as Z or +08:00"},
      {"2026-02-14T09:30:00+08:", "its offset must be as Z or +08:00"},
      {"2026-02-14T09:30:00+2400", "its offset must be as Z or +08:00"},
      {"2026-02-14T09:30:00+24:00", "its offset must be as Z or +08:00"},
      {"2026-02-14T09:30:00Zx", "its offset must be as Z or +08:00"},
      {"2026-02-14T09:30.5Z", "its offset must be as Z or +08:00"},
      {"2026-02-14T09:30", "it needs an offset, as Z or +08:00"},
      {"20260214T093000", "it needs an offset, as Z or +08:00"},
      {"20260230T093000Z", "there is no such day"},
      {"20260214T243000Z", "there is no such time of day"},
      {"20260214T09:30:00Z", forms},
      // Unix seconds of August 1970, if it were not for the look of it.
      {"20260214", "a day is written 2026-02-14"},
      {"19991232", "a day is written 2026-02-14"},
      {"2026-02-14T093000Z", forms},
      {"202602-14T09:30:00Z", forms},
      {"2026-02-14T09Z", forms},
      {"2026-02-14T09:30:00.Z", forms},
      {"2026-2-14", forms},
      {"2026-02-14 ", forms},
      {" 2026-02-14", forms},
      {"-1", forms},
      {"12.5", forms},
      {"1770000000.", forms},
      {"1770000000.5.5", forms},
      {"1770000000.5x", forms},
      {"-1770000000.5", forms},
      {"yesterday", forms},
      {"", forms},
      {"253402300800000", "it is beyond the year 9999"},
      {"99999999999999999999", "it is beyond the year 9999"},
  };
  for (const auto& row : rows) {
    auto moment = Calendar::Utc().ParseMoment(row.text);
    ASSERT_FALSE(moment) << row.text;
    EXPECT_EQ(moment.error().kind, ErrorKind::kUsage) << row.text;
    EXPECT_EQ(moment.error().message,
              "\"" + std::string(row.text) + "\" is not a time: " + row.why);
  }
}

TEST(Calendar, ABareDateIsTheWholeDay) {
  Calendar shanghai = Zone("Asia/Shanghai");
  EXPECT_EQ(shanghai.Format(*shanghai.ParseUntil("2026-02-14")),
            "2026-02-14T23:59:59.999+08:00");
  EXPECT_EQ(shanghai.Format(*shanghai.ParseFrom("2026-02-14")),
            "2026-02-14T00:00:00+08:00");
  EXPECT_EQ(*shanghai.ParseUntil("2026-02-14T01:00:00Z"),
            *shanghai.ParseFrom("2026-02-14T01:00:00Z"));
  EXPECT_FALSE(shanghai.ParseUntil("2026-02-30"));
  EXPECT_FALSE(shanghai.ParseFrom("2026-02-30"));
}

// Days begin where the clocks say, also where midnight is skipped, comes
// twice, or a whole day is left out.
TEST(Calendar, DaysAcrossClockChanges) {
  struct {
    const char* zone;
    LocalDay day;
    const char* start;
    const char* end;
  } rows[] = {
      {"America/Los_Angeles", Day(2004, 4, 4), "2004-04-04T00:00:00-08:00",
       "2004-04-04T23:59:59.999-07:00"},
      {"America/Los_Angeles", Day(2004, 10, 31), "2004-10-31T00:00:00-07:00",
       "2004-10-31T23:59:59.999-08:00"},
      // Midnight is skipped.
      {"America/Sao_Paulo", Day(2018, 11, 4), "2018-11-04T01:00:00-02:00",
       "2018-11-04T23:59:59.999-02:00"},
      // The last hour of the day comes twice.
      {"America/Sao_Paulo", Day(2018, 2, 17), "2018-02-17T00:00:00-02:00",
       "2018-02-17T23:59:59.999-03:00"},
      // The first hour of the day comes twice.
      {"America/Havana", Day(2020, 11, 1), "2020-11-01T00:00:00-04:00",
       "2020-11-01T23:59:59.999-05:00"},
      {"Asia/Shanghai", Day(1986, 5, 4), "1986-05-04T00:00:00+08:00",
       "1986-05-04T23:59:59.999+09:00"},
      // There was no such day: it is empty, and ends before it starts.
      {"Pacific/Apia", Day(2011, 12, 30), "2011-12-31T00:00:00+14:00",
       "2011-12-29T23:59:59.999-10:00"},
  };
  for (const auto& row : rows) {
    Calendar zone = Zone(row.zone);
    EXPECT_EQ(zone.Format(zone.StartOf(row.day)), row.start) << row.zone;
    EXPECT_EQ(zone.Format(zone.EndOf(row.day)), row.end) << row.zone;
  }
}

TEST(Calendar, EveryInstantIsInItsDay) {
  for (const char* name :
       {"UTC", "Asia/Shanghai", "America/Los_Angeles", "America/Sao_Paulo",
        "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"}) {
    Calendar zone = Zone(name);
    // Over the edges of the years whose offsets are listed, too.
    for (const char* start : {"1969-07-01T00:00:00Z", "2018-01-01T00:00:00Z",
                              "2099-07-01T00:00:00Z"}) {
      for (Instant at = At(start); at < At(start) + hours(365 * 24);
           at += minutes(47)) {
        LocalDay day = zone.DayOf(at);
        ASSERT_LE(zone.StartOf(day), at) << name << " " << zone.Format(at);
        ASSERT_GE(zone.EndOf(day), at) << name << " " << zone.Format(at);
        auto parsed = zone.ParseMoment(zone.Format(at));
        ASSERT_TRUE(parsed && parsed->at == at) << zone.Format(at);
      }
    }
  }
}

// Formatting asks the zone database for each instant alone.
TEST(Calendar, ASpanIsOfOneDayAndAsLongAsThat) {
  const auto day_of = [](const Calendar& zone, Instant at) {
    return zone.Format(at).substr(0, 10);
  };
  const auto offset_of = [](const Calendar& zone, Instant at) {
    return zone.Format(at).substr(zone.Format(at).size() - 6);
  };
  const std::chrono::milliseconds one(1);
  for (const char* name : {"UTC", "Asia/Shanghai", "America/New_York",
                           "America/St_Johns", "Pacific/Apia"}) {
    const Calendar zone = Zone(name);
    for (Instant at = At("2008-01-01T03:00:00Z");
         at < At("2012-03-01T00:00:00Z");) {
      const auto [day, from, to] = zone.SpanOf(at);
      SCOPED_TRACE(zone.Format(at) + " " + zone.Format(from) + " " +
                   zone.Format(to));
      ASSERT_LE(from, at);
      ASSERT_LT(at, to);
      for (Instant in : {from, at, to - one}) {
        ASSERT_EQ(day_of(zone, in), FormatDay(day));
        ASSERT_EQ(offset_of(zone, in), offset_of(zone, at));
      }
      for (Instant out : {from - one, to}) {
        ASSERT_TRUE(day_of(zone, out) != FormatDay(day) ||
                    offset_of(zone, out) != offset_of(zone, at));
      }
      at = to;
    }
  }
}

TEST(Calendar, SpansOfOtherCenturiesAreOfOneInstant) {
  const Calendar zone = Zone("Asia/Shanghai");
  for (const char* text : {"1890-06-01T20:00:00Z", "2120-06-01T20:00:00Z"}) {
    const auto [day, from, to] = zone.SpanOf(At(text));
    EXPECT_EQ(FormatDay(day), zone.Format(At(text)).substr(0, 10));
    EXPECT_EQ(from, At(text));
    EXPECT_EQ(to - from, std::chrono::milliseconds(1));
  }
}

TEST(Calendar, WallClocks) {
  Calendar la = Zone("America/Los_Angeles");
  auto at = [&](LocalDay day, seconds time) {
    return la.Format(la.At(day, time));
  };
  // 02:30 does not exist: the first instant after the gap.
  EXPECT_EQ(at(Day(2026, 3, 8), hours(2) + minutes(30)),
            "2026-03-08T03:00:00-07:00");
  // 01:30 comes twice: the first.
  EXPECT_EQ(at(Day(2026, 11, 1), hours(1) + minutes(30)),
            "2026-11-01T01:30:00-07:00");
  EXPECT_EQ(at(Day(2026, 3, 8), hours(24)), "2026-03-09T00:00:00-07:00");
  EXPECT_EQ(la.TimeOfDay(At("2026-03-08T10:30:15.750Z")),
            hours(3) + minutes(30) + seconds(15));
}

TEST(Calendar, AddsMonthsAndDaysByTheWallClock) {
  Calendar la = Zone("America/Los_Angeles");
  struct {
    const char* from;
    int months;
    int days;
    const char* to;
  } rows[] = {
      {"2026-01-31T10:00:00.250-08:00", 1, 0, "2026-02-28T10:00:00.250-08:00"},
      {"2024-01-31T10:00:00-08:00", 1, 0, "2024-02-29T10:00:00-08:00"},
      {"2026-02-28T10:00:00-08:00", 1, 0, "2026-03-28T10:00:00-07:00"},
      {"2026-12-31T10:00:00-08:00", -10, 0, "2026-02-28T10:00:00-08:00"},
      {"2026-12-15T10:00:00-08:00", 25, 0, "2029-01-15T10:00:00-08:00"},
      {"2026-03-07T02:30:00-08:00", 0, 1, "2026-03-08T03:00:00-07:00"},
      {"2026-03-07T10:00:00-08:00", 0, 1, "2026-03-08T10:00:00-07:00"},
      // The second 01:30 of that night stays the second.
      {"2026-11-01T01:30:00-08:00", 0, 0, "2026-11-01T01:30:00-08:00"},
  };
  for (const auto& row : rows) {
    Instant to = la.AddDays(la.AddMonths(At(row.from), row.months), row.days);
    EXPECT_EQ(la.Format(to), row.to) << row.from;
  }
}

TEST(Calendar, Formats) {
  Calendar kathmandu = Zone("Asia/Kathmandu");
  EXPECT_EQ(kathmandu.Format(At("2026-02-14T00:00:00.007Z")),
            "2026-02-14T05:45:00.007+05:45");
  EXPECT_EQ(kathmandu.FormatMinute(At("2026-02-14T00:00:59Z")),
            "2026-02-14 05:45");
  EXPECT_EQ(Calendar::Utc().Format(At("2026-02-14T00:00:00Z")),
            "2026-02-14T00:00:00+00:00");
  // Local mean time is +08:05:43; what is written is the same instant.
  EXPECT_EQ(Zone("Asia/Shanghai").Format(At("1900-01-01T00:00:00Z")),
            "1900-01-01T08:05:00+08:05");
  EXPECT_EQ(Zone("America/New_York").Format(FromMillis(-1)),
            "1969-12-31T18:59:59.999-05:00");
}

}  // namespace
}  // namespace rekindle
