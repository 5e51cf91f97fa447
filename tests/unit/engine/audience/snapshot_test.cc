#include "engine/audience/snapshot.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "engine/preferences/preferences.h"
#include "tests/support/small_engine.h"
#include "tests/unit/engine/conditions/condition_fixture.h"

namespace rekindle {
namespace {

using testing::SmallEngine;

constexpr int kMost = std::numeric_limits<int>::max();

std::string Ids(const Snapshot& facts, const UserSet& set) {
  std::string ids;
  set.ForEach([&](UserNumber user) {
    ids += (ids.empty() ? "" : " ") + std::string(facts.users().IdOf(user));
  });
  return ids;
}

UserNumber User(const Snapshot& facts, const std::string& id) {
  return facts.users().Find(id);
}

constexpr char kOneDay[] = R"(
time_zone: America/New_York
activity: open
behaviors: {open: {event: open}, trip: {event: trip}}
)";

// Friday 2026-03-06, New York.
class InsideADayTest : public ::testing::Test {
 protected:
  explicit InsideADayTest(const std::string& more = "")
      : engine_(kOneDay + more) {
    engine_.Did("early", "open", "2026-03-06T09:00:00-05:00");
    engine_.Did("early", "trip", "2026-03-06T15:00:00-05:00");
    engine_.Did("both", "open", "2026-03-06T15:00:00-05:00");
    engine_.Did("both", "open", "2026-03-06T12:00:00-05:00");
    engine_.Did("late", "open", "2026-02-03T12:00:00-05:00");
    engine_.Did("late", "open", "2026-03-06T12:00:01-05:00");
    engine_.Did("dated", "open", "2026-03-06");
    engine_.Did("tomorrow", "trip", "2026-01-01");
    engine_.Did("tomorrow", "open", "2026-03-07");
    engine_.Did("unborn", "trip", "2026-03-06T18:00:00-05:00");
  }

  std::string OpenToday(const Snapshot& facts) {
    const DayRange today{facts.today(), facts.today()};
    return Ids(facts, facts.DaysPresent(0, today, 1, kMost));
  }

  SmallEngine engine_;
};

// It is no value of the profile any more, and is asked for like one.
TEST(SnapshotTest, ProfilesHaveTheRegistrationAsCreatedAt) {
  SmallEngine engine(kOneDay);
  engine.Profile("dated", R"({"created_at":"2026-02-03"})");
  engine.Profile("timed", R"({"createdAt":"2026-02-04T23:30:00-05:00"})");
  engine.Did("earlier", "trip", "2026-01-31T12:00:00-05:00");
  engine.Profile("earlier", R"({"created_at":"2026-03-01"})");
  engine.Did("none", "open", "2026-02-05");
  const auto facts = engine.At("2026-03-06");
  const auto those = [&](const std::string& test) {
    const auto condition =
        Good("{profile: {created_at: " + test + "}}", engine.settings());
    const UserSet users = condition->Select(*facts);
    facts->Known().ForEach([&](UserNumber user) {
      EXPECT_EQ(condition->Explain(*facts, user).holds, users.Contains(user))
          << test << " of " << facts->users().IdOf(user);
    });
    return Ids(*facts, users);
  };
  EXPECT_EQ(those("{before: 2026-02-04}"), "dated earlier");
  EXPECT_EQ(those("{after: 2026-02-03}"), "timed none");
  EXPECT_EQ(those("{before: 2026-02-04T23:00:00-05:00}"), "dated earlier");
  EXPECT_EQ(those("2026-02-03"), "dated");
  EXPECT_EQ(those("{exists: false}"), "");
}

// Profiles have none, so that nobody was the one named, and everybody another.
TEST(SnapshotTest, ProfilesHaveTheIdAsUserId) {
  SmallEngine engine(kOneDay);
  engine.Profile("ann", R"({"created_at":"2026-02-03","city":"上海"})");
  engine.Profile("007", R"({"created_at":"2026-02-03","user_id":"other"})");
  engine.Did("bob", "open", "2026-02-05");
  engine.VisitorDid("visitor", "open", "2026-02-05");
  const auto facts = engine.At("2026-03-06");
  const auto those = [&](const std::string& test) {
    const auto condition =
        Good("{profile: {user_id: " + test + "}}", engine.settings());
    const UserSet users = condition->Select(*facts);
    facts->Known().ForEach([&](UserNumber user) {
      EXPECT_EQ(condition->Explain(*facts, user).holds, users.Contains(user))
          << test << " of " << facts->users().IdOf(user);
    });
    return Ids(*facts, users);
  };
  EXPECT_EQ(those("ann"), "ann");
  EXPECT_EQ(those("[ann, bob, nobody]"), "ann bob");
  EXPECT_EQ(those("{ne: ann}"), "007 bob");
  EXPECT_EQ(those("{not_in: [ann, bob]}"), "007");
  EXPECT_EQ(those("\"007\""), "007");
  EXPECT_EQ(those("7"), "");
  EXPECT_EQ(those("{starts_with: a}"), "ann");
  EXPECT_EQ(those("{exists: false}"), "");
  EXPECT_EQ(those("other"), "");
}

TEST_F(InsideADayTest, OnlyWhatHasHappenedIsSeen) {
  const auto noon = engine_.At("2026-03-06T12:00:00-05:00");
  EXPECT_TRUE(noon->exact());
  EXPECT_EQ(OpenToday(*noon), "early both dated");
  EXPECT_EQ(Ids(*noon, noon->Known()), "early both late dated tomorrow");
  EXPECT_EQ(Ids(*noon, noon->InState(State::kDormant, "")), "late");
  EXPECT_EQ(noon->DaysOf(User(*noon, "early"), 1, std::nullopt), 0);
  EXPECT_EQ(FormatDay(noon->LastActiveDay(User(*noon, "late"))), "2026-02-03");
  EXPECT_EQ(FormatDay(noon->LastActiveDay(User(*noon, "tomorrow"))),
            "2026-01-01");
}

TEST_F(InsideADayTest, TheWholeDayIsSeenAtItsEnd) {
  const auto end = engine_.At("2026-03-06");
  EXPECT_TRUE(end->exact());
  EXPECT_EQ(OpenToday(*end), "early both late dated");
  EXPECT_EQ(end->DaysOf(User(*end, "early"), 1, std::nullopt), 1);
  EXPECT_TRUE(end->Known().Contains(User(*end, "unborn")));
}

TEST_F(InsideADayTest, LastActivityIsExactWhereItCanBe) {
  const auto last = [&](const std::string& as_of, const std::string& id) {
    const auto facts = engine_.At(as_of);
    return engine_.settings().calendar.Format(
        facts->LastActivity(User(*facts, id)));
  };
  const std::string noon = "2026-03-06T12:00:00-05:00";
  EXPECT_EQ(last("2026-03-06", "both"), "2026-03-06T15:00:00-05:00");
  EXPECT_EQ(last(noon, "both"), "2026-03-06T12:00:00-05:00");
  EXPECT_EQ(last(noon, "late"), "2026-02-03T12:00:00-05:00");
  EXPECT_EQ(last(noon, "dated"), "2026-03-06T00:00:00-05:00");
  EXPECT_EQ(last(noon, "tomorrow"), "2026-01-01T00:00:00-05:00");
  EXPECT_EQ(last("2026-03-06", "unborn"), "2026-03-06T18:00:00-05:00");
}

TEST_F(InsideADayTest, EventsAreCountedUpToTheInstant) {
  const auto noon = engine_.At("2026-03-06T12:00:00-05:00");
  const auto from = engine_.settings().calendar.StartOf(noon->today());
  const auto tallied = [&](const UserSet& candidates,
                           const EventQuestion& question) {
    UserSet users;
    for (const auto& [user, found] : noon->TallyEvents(candidates, question)) {
      EXPECT_EQ(found.size(), 1u);
      EXPECT_EQ(found[0].events, 1);
      users.Add(user);
    }
    return Ids(*noon, users);
  };
  EXPECT_EQ(tallied(noon->Known(), {.behavior = 0, .from = from}),
            "early both dated");
  UserSet only(noon->Known().universe());
  only.Add(User(*noon, "dated"));
  EXPECT_EQ(tallied(only, {.behavior = 0}), "dated");
}

class DayGrainTest : public InsideADayTest {
 protected:
  DayGrainTest() : InsideADayTest("retention: {raw_events: 30 days}\n") {
    engine_.Did("new", "open", "2026-05-01T00:00:00-04:00");
  }
};

TEST_F(DayGrainTest, ADayWhoseRawEventsAreGoneIsSeenWhole) {
  const auto noon = engine_.At("2026-03-06T12:00:00-05:00");
  EXPECT_FALSE(noon->exact());
  EXPECT_EQ(OpenToday(*noon), "early both late dated");
  EXPECT_TRUE(engine_.At("2026-03-06")->exact());  // its end is no part of it
  EXPECT_TRUE(engine_.At("2026-04-20T12:00:00-04:00")->exact());
  EXPECT_TRUE(engine_.At("2026-05-02T12:00:00-04:00")->exact());
}

TEST(SnapshotTest, SubstatesAreOrderedAndTheRestIsOther) {
  SmallEngine engine(R"(
activity: open
behaviors: {open: {event: open}, trip: {event: trip}, shop: {event: shop}}
segments: {buyers: {did: {behavior: shop, within: 2 months}}}
lifecycle:
  substates:
    churned:
      driving: {did: {behavior: trip, within: 2 months}}
      buying: {segment: buyers}
)");
  for (const char* id : {"drives", "buys", "does_both", "nothing"}) {
    engine.Did(id, "open", "2025-10-01");
  }
  engine.Did("active", "open", "2026-03-01");
  for (const char* id : {"drives", "does_both", "active"}) {
    engine.Did(id, "trip", "2026-02-10");
  }
  for (const char* id : {"buys", "does_both"}) {
    engine.Did(id, "shop", "2026-03-10");
  }
  const auto facts = engine.At("2026-03-31");
  const auto part = [&](State state, const char* name) {
    return Ids(*facts, facts->InState(state, name));
  };
  EXPECT_EQ(part(State::kChurned, ""), "drives buys does_both nothing");
  EXPECT_EQ(part(State::kChurned, "driving"), "drives does_both");
  EXPECT_EQ(part(State::kChurned, "buying"), "buys");
  EXPECT_EQ(part(State::kChurned, "other"), "nothing");
  EXPECT_EQ(part(State::kChurned, "sleeping"), "");
  EXPECT_EQ(part(State::kNew, "other"), "");
  EXPECT_EQ(Ids(*facts, facts->InSegment(0)), "buys does_both");
  EXPECT_EQ(facts->SubstateOf(User(*facts, "does_both")), "driving");
  EXPECT_EQ(facts->SubstateOf(User(*facts, "nothing")), "other");
  EXPECT_EQ(facts->SubstateOf(User(*facts, "active")), "");
}

TEST(SnapshotTest, MergedUsersAreOne) {
  SmallEngine engine("behaviors: {trip: {event: trip}}\n");
  engine.Did("old", "trip", "2026-01-10");
  engine.Did("me", "open", "2026-03-01");
  engine.Alias("old", "me");
  engine.Did("old", "open", "2026-03-02");
  const auto facts = engine.At("2026-03-31");
  EXPECT_EQ(Ids(*facts, facts->Known()), "me");
  const UserNumber me = User(*facts, "me");
  EXPECT_EQ(FormatDay(facts->RegisteredOn(me)), "2026-01-10");
  EXPECT_EQ(FormatDay(facts->LastActiveDay(me)), "2026-03-02");
  EXPECT_EQ(StateName(facts->StateOf(me)), "woken");
  const BehaviorIndex trip = *facts->settings().behaviors.Find("trip");
  EXPECT_EQ(facts->TallyEvents(facts->Known(), {.behavior = trip})
                .at(me)
                .at(0)
                .events,
            1);
  EXPECT_EQ(facts->DaysOf(me, BehaviorSet::kActivity, std::nullopt), 3);
}

TEST(SnapshotTest, AShareOnTheThresholdIsALabel) {
  SmallEngine engine(R"(
behaviors: {trip: {event: trip}}
preferences: {threshold: 7%, window: 4 months, labels: {trips: {behavior: trip}}}
)");
  // 100 active days; 7 of them with a trip. In binary 0.07 * 100 > 7.
  const LocalDay first =
      std::chrono::local_days{std::chrono::year(2026) / 1 / 1};
  for (int i = 0; i < 100; ++i) {
    const std::string day = FormatDay(first + std::chrono::days(i));
    engine.Did("seven", i < 7 ? "trip" : "open", day);
    engine.Did("six", i < 6 ? "trip" : "open", day);
  }
  const auto facts = engine.At("2026-04-30");
  EXPECT_EQ(facts->LabelsOf(User(*facts, "seven")).at(0).active_days, 100);
  EXPECT_EQ(Ids(*facts, facts->Labeled(0)), "seven");
  EXPECT_EQ(Ids(*facts, facts->TopLabel(0)), "seven");
}

TEST(SnapshotTest, TheTopLabelOfATieIsTheMoreRecentOne) {
  SmallEngine engine(R"(
behaviors: {a: {event: a}, b: {event: b}, c: {event: c}}
preferences:
  labels: {a: {behavior: a}, b: {behavior: b}, c: {behavior: c}}
)");
  engine.Did("later_b", "a", "2026-03-01");
  engine.Did("later_b", "b", "2026-03-02");
  engine.Did("same_day", "c", "2026-03-02");
  engine.Did("same_day", "b", "2026-03-02");
  engine.Did("more_c", "b", "2026-03-09");
  engine.Did("more_c", "c", "2026-03-01");
  engine.Did("more_c", "c", "2026-03-02");
  const auto facts = engine.At("2026-03-31");
  EXPECT_EQ(facts->TopLabelOf(User(*facts, "later_b")), 1u);
  EXPECT_EQ(facts->TopLabelOf(User(*facts, "same_day")), 1u);  // file order
  EXPECT_EQ(facts->TopLabelOf(User(*facts, "more_c")), 2u);
}

// Columns stand in blocks of 4096 users: the borders must not show.
TEST(SnapshotTest, UsersOfSeveralBlocks) {
  SmallEngine engine(kOneDay);
  const Calendar& calendar = engine.settings().calendar;
  std::vector<Message> messages;
  for (int i = 0; i < 8200; ++i) {
    Message message;
    message.user_id = std::to_string(i);
    message.event = "open";
    message.when = *calendar.ParseMoment("2026-02-03");
    messages.push_back(message);
    if (i % 1000 != 96) continue;  // 4096 is the first of a block
    message.when = *calendar.ParseMoment("2026-03-06T11:00:00-05:00");
    messages.push_back(message);
    message.when = *calendar.ParseMoment("2026-03-06T13:00:00-05:00");
    message.user_id = std::to_string(i + 1);
    messages.push_back(message);
  }
  engine.engine().Append(messages, *calendar.ParseUntil("2026-03-06"));
  const auto noon = engine.At("2026-03-06T12:00:00-05:00");
  const std::string active = "96 1096 2096 3096 4096 5096 6096 7096 8096";
  EXPECT_EQ(Ids(*noon, noon->InState(State::kPreviousNew, "")), active);
  const DayRange today{noon->today(), noon->today()};
  EXPECT_EQ(Ids(*noon, noon->DaysPresent(0, today, 1, kMost)), active);
  EXPECT_EQ(Ids(*noon, noon->DaysPresent(0, std::nullopt, 2, 2)), active);
  EXPECT_EQ(noon->InState(State::kDormant, "").Count(), 8191u);
  EXPECT_EQ(engine.At("2026-03-06")->InState(State::kPreviousNew, "").Count(),
            18u);
}

TEST(SnapshotTest, AnsweredByManyThreadsAtOnce) {
  SmallEngine engine(kOneDay);
  for (int i = 0; i < 50; ++i) {
    const std::string id = "u" + std::to_string(i);
    engine.Did(id, i % 2 ? "open" : "trip", "2026-03-06T15:00:00-05:00");
    engine.Did(id, "open", "2026-02-06T15:00:00-05:00");
  }
  const auto facts = engine.At("2026-03-06T12:00:00-05:00");
  std::vector<std::thread> threads;
  std::vector<std::string> answers(4);
  for (std::string& answer : answers) {
    threads.emplace_back([&] {
      answer = Ids(*facts, facts->InState(State::kDormant, "")) +
               std::to_string(
                   facts->DaysOf(1, BehaviorSet::kActivity, std::nullopt)) +
               std::to_string(ToMillis(facts->LastActivity(1)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) EXPECT_EQ(answer, answers[0]);
  EXPECT_EQ(facts->InState(State::kDormant, "").Count(), 50u);
}

}  // namespace
}  // namespace rekindle
