#include "config/base/day_span.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(DaySpanTest, Parse) {
  EXPECT_EQ(DaySpan::Parse("08:00-21:00")->Text(), "08:00-21:00");
  EXPECT_EQ(DaySpan::Parse("00:00-24:00")->Text(), "00:00-24:00");
  EXPECT_EQ(DaySpan::Parse("22:30-06:00")->Text(), "22:30-06:00");
  for (const char* bad :
       {"", "8:00-21:00", "08:00", "08:00-08:00", "24:00-08:00", "08:60-21:00",
        "08:00-24:01", "-8:00-21:00", "08:00 21:00", "08:00-21:000"}) {
    EXPECT_FALSE(DaySpan::Parse(bad)) << bad;
  }
}

TEST(DaySpanTest, OpenFrom) {
  const Calendar shanghai = *Calendar::Load("Asia/Shanghai");
  const Calendar berlin = *Calendar::Load("Europe/Berlin");
  const struct {
    const char* span;
    const Calendar& zone;
    const char* at;
    const char* opens;
  } kRows[] = {
      {"08:00-21:00", shanghai, "2026-03-05T07:59:59+08:00",
       "2026-03-05T08:00:00+08:00"},
      {"08:00-21:00", shanghai, "2026-03-05T08:00:00+08:00",
       "2026-03-05T08:00:00+08:00"},
      {"08:00-21:00", shanghai, "2026-03-05T20:59:59+08:00",
       "2026-03-05T20:59:59+08:00"},
      {"08:00-21:00", shanghai, "2026-03-05T21:00:00+08:00",
       "2026-03-06T08:00:00+08:00"},
      {"22:00-06:00", shanghai, "2026-03-05T03:00:00+08:00",
       "2026-03-05T03:00:00+08:00"},
      {"22:00-06:00", shanghai, "2026-03-05T06:00:00+08:00",
       "2026-03-05T22:00:00+08:00"},
      {"08:00-24:00", shanghai, "2026-03-05T23:59:59+08:00",
       "2026-03-05T23:59:59+08:00"},
      // 02:00-03:00 does not exist on this day, and opens on the next.
      {"02:00-03:00", berlin, "2026-03-29T01:30:00+01:00",
       "2026-03-30T02:00:00+02:00"},
  };
  for (const auto& row : kRows) {
    const Instant at = row.zone.ParseMoment(row.at)->at;
    EXPECT_EQ(row.zone.Format(DaySpan::Parse(row.span)->OpenFrom(at, row.zone)),
              row.opens)
        << row.span << " at " << row.at;
  }
}

}  // namespace
}  // namespace rekindle
