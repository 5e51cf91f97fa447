// Columns filled from a journal, against the same events marked one by one.
#include "engine/fill/column_filler.h"

#include <random>

#include "engine/journal/stored_moment.h"
#include "tests/support/settings_text.h"
#include "tests/unit/engine/journal/journal_fixture.h"

namespace rekindle {
namespace {

constexpr char kSettings[] = R"yaml(
time_zone: ZONE
activity: any_of_two
behaviors:
  any_of_two: {event: [open, paid]}
  open: {event: open}
  paid_big: {event: paid, where: {amount: {gte: 500}}}
  paid_small: {event: paid, where: {amount: {lt: 100}}}
  seen: {event: [seen, open]}
)yaml";

std::shared_ptr<const EngineSettings> SettingsIn(const std::string& zone) {
  std::string text = kSettings;
  return testing::SettingsFrom(text.replace(text.find("ZONE"), 4, zone));
}

std::vector<BehaviorIndex> AllOf(const EngineSettings& settings) {
  std::vector<BehaviorIndex> all;
  for (BehaviorIndex b = 0; b < settings.behaviors.size(); ++b) {
    all.push_back(b);
  }
  return all;
}

bool ToTheEnd(int64_t) { return true; }

class ColumnFillerTest : public JournalTest {
 protected:
  // An event of users in several blocks, at all times of the years around the
  // zone's oddities: exact, by day, or centuries away.
  JournalEvent RandomEvent(const EngineSettings& settings) {
    static const char* const kNames[] = {"open", "paid", "seen", "other", ""};
    const auto user = static_cast<UserNumber>(random_() % 40 * 400);
    const std::string name = kNames[random_() % std::size(kNames)];
    const std::string properties =
        "{\"amount\":" + std::to_string(random_() % 1000) + "}";
    const auto ms = static_cast<int64_t>(random_() % (1900 * 86'400'000LL));
    int64_t at = from_ + ms;
    if (random_() % 20 == 0) at -= 100 * 366 * 86'400'000LL;
    if (random_() % 20 == 0) at += 200 * 366 * 86'400'000LL;
    if (random_() % 4 != 0) return Did(user, name, at, properties);
    JournalEvent event =
        DidOn(user, name, static_cast<int32_t>(at / 86'400'000));
    event.when.at = settings.calendar.StartOf(event.when.day);
    event.properties = Kept(properties);
    return event;
  }
  void Append(Journal& journal, const EngineSettings& settings, int batches) {
    for (int i = 0; i < batches; ++i) {
      std::vector<JournalEvent> events(1 + random_() % 300);
      for (JournalEvent& event : events) event = RandomEvent(settings);
      journal.Append(events);
    }
    journal.Append(Odd(settings));
  }
  static std::vector<JournalEvent> Odd(const EngineSettings& settings) {
    // The day that Apia left out; a time of St. John's before and one after
    // its clock went back over midnight.
    std::vector<JournalEvent> events = {DidOn(0, "open", 15'338),
                                        Did(400, "open", 1'257'042'630'000),
                                        Did(400, "open", 1'257'043'500'000)};
    events[0].when.at = settings.calendar.StartOf(events[0].when.day);
    return events;
  }

  static ActivityColumns OneByOne(const Journal& journal, JournalPosition after,
                                  const EngineSettings& settings) {
    ActivityColumns columns(settings.behaviors.size());
    journal.Read(after, [&](const StoredEvent& event) {
      settings.behaviors.Match(
          event.name, event.properties, [&](BehaviorIndex b) {
            columns.Mark(b, event.user, MomentOf(event, settings.calendar));
          });
    });
    return columns;
  }
  static ActivityColumns Taken(FilledColumns filled, size_t behaviors) {
    ActivityColumns columns(behaviors);
    for (uint32_t i = 0; i < filled.blocks.size(); ++i) {
      for (auto& [key, masks] : filled.blocks[i].masks) {
        columns.Join(key.first, key.second, i, std::move(masks));
      }
      if (!filled.blocks[i].lasts) continue;
      columns.Join(i, std::move(filled.blocks[i].lasts));
    }
    for (const OddMark& odd : filled.odd) {
      columns.Mark(odd.behavior, odd.user, odd.when);
    }
    return columns;
  }
  static void ExpectSame(const ActivityColumns& found,
                         const ActivityColumns& expected,
                         const std::vector<BehaviorIndex>& behaviors) {
    for (BehaviorIndex b : behaviors) {
      const auto months = expected.Months(b);
      ASSERT_EQ(found.Months(b), months) << b;
      if (!months) continue;
      for (UserNumber user = 0; user < 40 * 400; user += 400) {
        for (int32_t m = months->first; m <= months->second; ++m) {
          ASSERT_EQ(found.DayMask(b, user, m), expected.DayMask(b, user, m))
              << b << " " << user << " " << m;
        }
        if (b != BehaviorSet::kActivity) continue;
        ASSERT_EQ(found.Last(user), expected.Last(user)) << user;
      }
    }
  }

  std::mt19937_64 random_{1};
  int64_t from_ = 1'230'000'000'000;  // the end of 2008
};

// In Apia the 30th of December 2011 never was; in St. John's the clock went
// back a minute after midnight, so that days overlap; in São Paulo it went
// back and forth at midnight.
TEST_F(ColumnFillerTest, FindsWhatIsMarkedOneByOne) {
  int turn = 0;
  for (const std::string zone :
       {"Asia/Shanghai", "America/New_York", "Pacific/Apia", "America/St_Johns",
        "America/Sao_Paulo"}) {
    SCOPED_TRACE(zone);
    const auto settings = SettingsIn(zone);
    Journal journal(dir_ / ("journal" + std::to_string(++turn)));
    Append(journal, *settings, 20);
    const auto all = AllOf(*settings);
    const auto expected = OneByOne(journal, 0, *settings);
    for (int64_t in_piece : {int64_t{1}, int64_t{1000}, kEventsInPiece}) {
      SCOPED_TRACE(in_piece);
      ExpectSame(
          Taken(FillColumns(journal, *settings, {{0, all}}, ToTheEnd, in_piece),
                all.size()),
          expected, all);
    }
  }
}

TEST_F(ColumnFillerTest, FillsWhatIsWantedAfterItsPosition) {
  const auto settings = SettingsIn("Europe/Berlin");
  Journal journal(file());
  Append(journal, *settings, 12);
  const auto found =
      Taken(FillColumns(journal, *settings, {{5, {3, 1}}, {8, {4}}}, ToTheEnd),
            settings->behaviors.size());
  ExpectSame(found, OneByOne(journal, 5, *settings), {1, 3});
  ExpectSame(found, OneByOne(journal, 8, *settings), {4});
  for (BehaviorIndex b : {0, 2}) EXPECT_FALSE(found.Months(b)) << b;
  EXPECT_FALSE(found.Last(400));
}

TEST_F(ColumnFillerTest, MoreMonthsThanAreKeptAtOnce) {
  const auto settings = SettingsIn("UTC");
  std::vector<JournalEvent> events;
  for (int turn = 0; turn < 2; ++turn) {
    for (int month = 0; month < 100; ++month) {
      events.push_back(
          Did(month % 3, "open", (month * 31 + turn) * int64_t{86'400'000}));
    }
  }
  Journal journal(file());
  journal.Append(events);
  const auto all = AllOf(*settings);
  ExpectSame(
      Taken(FillColumns(journal, *settings, {{0, all}}, ToTheEnd), all.size()),
      OneByOne(journal, 0, *settings), all);
}

// A set of its own for each event: more sets than a mark has room for.
TEST_F(ColumnFillerTest, MoreSetsOfBehaviorsThanMarksCanName) {
  std::string text = "behaviors:\n";
  for (int bit = 0; bit < 11; ++bit) {
    const std::string n = std::to_string(bit);
    text += "  b" + n + ": {event: open, where: {p" + n + ": 1}}\n";
  }
  const auto settings = testing::SettingsFrom(text);
  std::vector<JournalEvent> events;
  for (int set = 0; set < 1 << 11; ++set) {
    std::string properties = "{\"x\":0";
    for (int bit = 0; bit < 11; ++bit) {
      if (set >> bit & 1) properties += ",\"p" + std::to_string(bit) + "\":1";
    }
    events.push_back(
        Did(400 * (set % 40), "open", set * 40'000'000LL, properties + "}"));
  }
  Journal journal(file());
  journal.Append(events);
  const auto all = AllOf(*settings);
  FilledColumns filled = FillColumns(journal, *settings, {{0, all}}, ToTheEnd);
  EXPECT_GT(filled.odd.size(), 0u);
  ExpectSame(Taken(std::move(filled), all.size()),
             OneByOne(journal, 0, *settings), all);
}

TEST_F(ColumnFillerTest, SaysWhichUsersItMetAndStopsWhenTold) {
  const auto settings = SettingsIn("UTC");
  Journal journal(file());
  for (UserNumber user : {5u, 70'000u, 90'000u}) {
    journal.Append(std::vector<JournalEvent>{
        Did(user, user < 90'000 ? "open" : "other", 0)});
  }
  const std::vector<FillTask> tasks = {{0, AllOf(*settings)}};
  const FilledColumns filled = FillColumns(journal, *settings, tasks, ToTheEnd);
  EXPECT_EQ(filled.users, 70'001u);
  EXPECT_EQ(filled.blocks.size(), 70'000 / kBlockUsers + 1);
  std::atomic<int> calls = 0;
  FillColumns(
      journal, *settings, tasks, [&](int64_t) { return ++calls < 0; }, 1);
  EXPECT_EQ(calls, 1);
}

// Batches are merged while somebody reads: they are read as they stood.
TEST_F(ColumnFillerTest, ReadsAsTheJournalStood) {
  Journal journal(file());
  for (int i = 0; i < 40; ++i) {
    journal.Append(std::vector<JournalEvent>{Did(1, "open", i)});
  }
  const auto reading = journal.ReadBatches(0, 2);
  journal.FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(journal.Compact(40), 40);
  journal.Append(std::vector<JournalEvent>{Did(1, "open", 40)});
  std::atomic<size_t> events = 0;
  ASSERT_EQ(reading->batches().size(), 40u);
  reading->Read(reading->batches(), [&](size_t, const BatchView& batch) {
    events += batch.users.size();
  });
  EXPECT_EQ(events, 40u);
  EXPECT_EQ(journal.ReadBatches(0, 2)->batches().size(), 2u);
}

}  // namespace
}  // namespace rekindle
