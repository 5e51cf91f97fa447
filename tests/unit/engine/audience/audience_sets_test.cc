// One pass over everybody against the same questions asked one by one.
#include "engine/audience/audience_sets.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/audience/selection.h"
#include "engine/conditions/condition.h"
#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

constexpr char kSettings[] = R"yaml(
time_zone: Asia/Shanghai
activity: open
behaviors:
  open: {event: [open, trip, shop]}
  trip: {event: trip}
  shop: {event: shop}
lifecycle:
  churned_after: 3
  substates:
    churned: {driving: {did: {behavior: trip, within: 4 months}},
              silent: {did_not: {behavior: shop}}}
    active: {keen: {segment: keen}}
preferences:
  threshold: 40%
  labels: {likes_trip: {behavior: trip}, likes_shop: {behavior: shop}}
segments:
  s1: {lifecycle: [dormant, churned/driving]}
  s2: {inactive: {at_least: [1 month, 40 days], less_than: 4 months}}
  s3: {inactive: {at_least: 20 days}}
  s4: {prefers: [likes_trip, likes_shop]}
  s5: {top_preference: likes_shop}
  s6: {not: {prefers: likes_trip}, lifecycle: active/other}
  s7: {did: {behavior: trip, within: 2 months, days: {gte: 2}}}
  s8: {did_not: {behavior: shop, within: 60 days}}
  s9: {did: {behavior: shop, days: 0}}
  s10: {did: {behavior: trip, times: {gte: 4}}}
  s11: {any: [{segment: s7}, {segment: [s1, s10]}], not: {never_active: true}}
  s12: {all: [{profile: {city: a}}, {lifecycle: [new, previous_new, woken]}]}
  s13: {lifecycle: returned, did: {behavior: trip, within: 12 hours}}
  s14: {did: {behavior: trip, within: 300 days, days: {gte: 3, lte: 5}}}
  s15: {drop: {within: 60 days, by: 40%}}
  s16: {drop: {behavior: trip, within: 9 weeks, by: 100%}, lifecycle: active}
  s17: {breadth: {behaviors: [open, trip, shop], within: 3 months, gte: 2}}
  s18: {breadth: {behaviors: [trip, shop], within: 40 days, eq: 1}}
  s19: {did: {behavior: open, within: 80 days, in_a_row: 2 days}}
  s20: {did_not: {behavior: open, in_a_row: 2 days, days: {gte: 4}}}
  s21: {did: {behavior: shop, within: 20 days, days: {lte: 1}}}
  s22: {drop: {within: 1 days, by: 1%}}
  keen: {did: {behavior: open, within: 30 days, days: {gte: 3}}}
)yaml";

class AudienceSetsTest : public EngineTest {
 protected:
  void SetUp() override { Open(kSettings); }

  // Two blocks and a bit, in months from 2025-01 on; the first block's users
  // all came early.
  void Fill(std::mt19937& random) {
    constexpr UserNumber kUsers = 2 * kBlockUsers + 100;
    const LocalDay first = At("2025-01-01").day;
    const char* const kEvents[] = {"open", "trip", "shop"};
    std::vector<Message> messages;
    for (UserNumber user = 0; user < kUsers; ++user) {
      const int from = user < kBlockUsers ? 0 : static_cast<int>(user) / 40;
      for (int n = static_cast<int>(random() % 9); n >= 0; --n) {
        const int later = n == 0 && user < kBlockUsers ? 0 : random() % 200;
        messages.push_back(
            Event("u" + std::to_string(user), kEvents[random() % 3],
                  FormatDay(first + std::chrono::days(from + later)) +
                      "T09:00:00+08:00"));
      }
    }
    AppendAll(messages, "2026-04-01");
    for (int i = 0; i < 300; ++i) {
      const std::string user = "u" + std::to_string(random() % kUsers);
      ASSERT_TRUE(engine_->PutUser(user, R"({"city":"a"})"));
    }
    for (int i = 0; i < 20; ++i) {
      Append(Alias("u" + std::to_string(random() % kUsers),
                   "u" + std::to_string(random() % kUsers)));
    }
  }

  void Compare(const std::string& as_of) {
    const Instant at = settings_->calendar.ParseUntil(as_of).value();
    const auto one_by_one = engine_->At(at);
    const auto at_once = engine_->At(at);
    const AudienceSets& sets = at_once->ComputeAll();
    EXPECT_EQ(sets.states.known, one_by_one->Known());
    for (State state : kAllStates) {
      const auto s = static_cast<size_t>(state);
      EXPECT_EQ(sets.states.of[s], one_by_one->InState(state, ""));
      EXPECT_EQ(at_once->InState(state, ""), one_by_one->InState(state, ""));
    }
    for (const auto& [state, name] : {std::pair{State::kChurned, "driving"},
                                      {State::kChurned, "silent"},
                                      {State::kChurned, "other"},
                                      {State::kActive, "keen"},
                                      {State::kActive, "other"},
                                      {State::kNew, "other"},
                                      {State::kNew, "nothing"}}) {
      EXPECT_EQ(at_once->InState(state, name), one_by_one->InState(state, name))
          << name << " on " << as_of;
    }
    for (size_t i = 0; i < settings_->preferences.labels.size(); ++i) {
      EXPECT_EQ(at_once->Labeled(i), one_by_one->Labeled(i)) << as_of;
    }
    std::vector<const Condition*> conditions;
    for (size_t i = 0; i < settings_->segments.size(); ++i) {
      EXPECT_EQ(at_once->InSegment(i), one_by_one->InSegment(i))
          << settings_->segments[i].name << " on " << as_of;
      conditions.push_back(settings_->segments[i].condition.get());
    }
    CompareSelection(conditions, at);
  }

  void CompareSelection(const std::vector<const Condition*>& conditions,
                        Instant at) {
    const auto one_by_one = engine_->At(at);
    const auto together = engine_->At(at);
    const std::vector<UserSet> selected = SelectEach(*together, conditions);
    // Room for three sets of all users, and for less than one.
    SelectionQueue by_three(*together, conditions,
                            3 * (together->users().size() / 8 + 1));
    SelectionQueue by_one(*together, conditions, 1);
    ASSERT_EQ(selected.size(), conditions.size());
    for (size_t i = 0; i < conditions.size(); ++i) {
      SCOPED_TRACE(settings_->segments[i].name);
      const UserSet expected = conditions[i]->Select(*one_by_one);
      EXPECT_EQ(selected[i], expected);
      EXPECT_EQ(by_three.Next(), expected);
      EXPECT_EQ(by_one.Next(), expected);
    }
  }
};

TEST_F(AudienceSetsTest, AgreeWithOneByOne) {
  std::mt19937 random(20260301);
  Fill(random);
  for (const char* as_of :
       {"2025-09-30", "2025-10-17", "2025-12-31", "2025-06-02T10:00:00+08:00",
        "2024-12-31", "2026-03-31"}) {
    Compare(as_of);
  }
}

TEST_F(AudienceSetsTest, OfNobody) { Compare("2025-06-01"); }

TEST_F(AudienceSetsTest, MemoryIsUsedAgainOnlyWhenLetGo) {
  std::mt19937 random(3);
  Fill(random);
  const auto find = [&](const char* as_of) {
    const Instant at = settings_->calendar.ParseUntil(as_of).value();
    return engine_->At(at)->ComputeAll().segments[2];  // outlives its snapshot
  };
  const UserSet summer = find("2025-08-31");
  const uint64_t count = summer.Count();
  const UserSet winter = find("2026-01-31");
  EXPECT_NE(summer.words().data(), winter.words().data());
  EXPECT_EQ(summer.Count(), count);
  EXPECT_EQ(find("2025-08-31"), summer);
}

}  // namespace
}  // namespace rekindle
