#include "engine/as_of/raw_events.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

Moment At(const Calendar& zone, const std::string& text) {
  return *zone.ParseMoment(text);
}

// The events between two instants, by name.
std::string Between(const Journal& journal, const Calendar& zone,
                    const std::string& from, const std::string& to) {
  std::string names;
  ReadEvents(journal, zone, At(zone, from).at, At(zone, to).at,
             [&](const StoredEvent& event, Instant at) {
               names += std::string(event.name) + "@" + zone.Format(at) + " ";
             });
  return names;
}

TEST(RawEventsTest, ADateCountsFromTheStartOfTheDayInTheZoneOfNow) {
  const Calendar shanghai = *Calendar::Load("Asia/Shanghai");
  const Calendar samoa = *Calendar::Load("Pacific/Pago_Pago");
  const testing::TempDir dir;
  Journal journal(dir / "journal.db");
  const JournalEvent stored[] = {
      {0, "dated", At(shanghai, "2026-03-06"), "", {}},
      {0, "timed", At(shanghai, "2026-03-06T00:00:00+08:00"), "", {}},
  };
  journal.Append(stored);

  EXPECT_EQ(Between(journal, shanghai, "2026-03-06T00:00:00+08:00",
                    "2026-03-06T12:00:00+08:00"),
            "dated@2026-03-06T00:00:00+08:00 timed@2026-03-06T00:00:00+08:00 ");
  EXPECT_EQ(Between(journal, samoa, "2026-03-06T00:00:00-11:00",
                    "2026-03-06T12:00:00-11:00"),
            "dated@2026-03-06T00:00:00-11:00 ");
  EXPECT_EQ(Between(journal, samoa, "2026-03-05T00:00:00-11:00",
                    "2026-03-05T23:59:59-11:00"),
            "timed@2026-03-05T05:00:00-11:00 ");
}

TEST(RawEventsTest, OpenBoundsReadEverything) {
  const testing::TempDir dir;
  Journal journal(dir / "journal.db");
  const JournalEvent stored[] = {
      {0, "a", At(Calendar::Utc(), "1901-01-01"), "", {}},
      {0, "b", At(Calendar::Utc(), "2099-12-31T23:00:00Z"), "", {}},
  };
  journal.Append(stored);
  std::string names;
  ReadEvents(journal, Calendar::Utc(), Instant::min(), Instant::max(),
             [&](const StoredEvent& event, Instant) { names += event.name; });
  EXPECT_EQ(names, "ab");
}

}  // namespace
}  // namespace rekindle
