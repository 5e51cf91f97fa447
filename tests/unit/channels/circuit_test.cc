#include "channels/circuit.h"

#include <gtest/gtest.h>

#include "channels/rate_limiter.h"
#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;
using namespace std::chrono_literals;

const CircuitSettings kThree{3, 60s};

TEST(CircuitTest, FailuresOfDifferentTouchesInARow) {
  const Outcome ok{OutcomeClass::kAccepted};
  const Outcome busy{OutcomeClass::kTemporary, "HTTP 503"};
  const Outcome silent{OutcomeClass::kUnknown, "no answer"};
  const Outcome full{OutcomeClass::kTemporary, "mailbox full", "", 5min, true};
  const Outcome dead{OutcomeClass::kDeadRecipient};
  const struct {
    std::string name;
    std::vector<std::pair<std::string, Outcome>> outcomes;
    bool open;
  } kRows[] = {
      {"three", {{"a", busy}, {"b", busy}, {"c", busy}}, true},
      {"unknown ones count", {{"a", busy}, {"b", silent}, {"c", silent}}, true},
      {"two", {{"a", busy}, {"b", busy}}, false},
      {"one touch over and over",
       {{"a", busy}, {"a", busy}, {"a", busy}, {"a", busy}},
       false},
      {"a clear answer between",
       {{"a", busy}, {"b", busy}, {"x", ok}, {"c", busy}},
       false},
      {"a dead recipient is a clear answer",
       {{"a", busy}, {"b", busy}, {"x", dead}, {"c", busy}},
       false},
      {"full mailboxes", {{"a", full}, {"b", full}, {"c", full}}, false},
      {"an account error alone", {{"a", {OutcomeClass::kAccount}}}, true},
  };
  for (const auto& row : kRows) {
    Circuit circuit;
    for (const auto& [id, outcome] : row.outcomes) {
      circuit.Judge(id, outcome, kThree, kSlot);
    }
    EXPECT_EQ(circuit.StateAt(kSlot) == Circuit::State::kOpen, row.open)
        << row.name;
  }
}

TEST(CircuitTest, OpensHalfOpensAndCloses) {
  Circuit circuit;
  const Outcome busy{OutcomeClass::kTemporary, "HTTP 503"};
  for (const char* id : {"a", "b", "c"}) {
    circuit.Judge(id, busy, kThree, kSlot);
  }
  EXPECT_EQ(circuit.opening()->until, kSlot + 60s);
  EXPECT_EQ(circuit.Judge("old", {}, kThree, kSlot + 1s),
            Circuit::Change::kNone)
      << "an answer to what was in flight";
  EXPECT_EQ(circuit.StateAt(kSlot + 59s), Circuit::State::kOpen);
  EXPECT_EQ(circuit.StateAt(kSlot + 60s), Circuit::State::kHalfOpen);
  EXPECT_EQ(circuit.Judge("d", busy, kThree, kSlot + 60s),
            Circuit::Change::kOpened)
      << "one is enough";
  EXPECT_EQ(circuit.opening()->until, kSlot + 120s);
  EXPECT_EQ(circuit.opening()->since, kSlot);
  EXPECT_EQ(circuit.Judge("e", {}, kThree, kSlot + 120s),
            Circuit::Change::kClosed);
  EXPECT_EQ(circuit.StateAt(kSlot + 120s), Circuit::State::kClosed);
}

TEST(CircuitTest, TheShortestWaitThatWasAskedForIsTheChannels) {
  Circuit circuit;
  circuit.Judge("a", {OutcomeClass::kTemporary, "", "", 2h}, kThree, kSlot);
  circuit.Judge("b", {OutcomeClass::kTemporary, "", "", 10min}, kThree, kSlot);
  circuit.Judge("c", {OutcomeClass::kTemporary, "", "", 1h}, kThree, kSlot);
  EXPECT_EQ(circuit.opening()->until, kSlot + 10min);
}

// A server may refuse one recipient as if the account were at fault.
TEST(CircuitTest, AnAccountErrorThatOnlyOneTouchMeetsStopsTheChannelOnce) {
  Circuit circuit;
  const Outcome refused{OutcomeClass::kAccount, "554 5.7.1"};
  EXPECT_EQ(circuit.Judge("poison", refused, kThree, kSlot),
            Circuit::Change::kOpened);
  Instant now = kSlot + 5min;
  EXPECT_EQ(circuit.Judge("poison", refused, kThree, now),
            Circuit::Change::kOpened)
      << "nobody got past it yet";
  now += 5min;
  EXPECT_EQ(circuit.Judge("a", {}, kThree, now), Circuit::Change::kClosed);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(circuit.Judge("poison", refused, kThree, now),
              Circuit::Change::kNone);
  }
  EXPECT_EQ(circuit.Judge("b", refused, kThree, now), Circuit::Change::kOpened);
}

TEST(CircuitTest, AClockSetBackEndsThePause) {
  Circuit circuit;
  circuit.Judge("a", {OutcomeClass::kAccount}, kThree, kSlot);
  EXPECT_EQ(circuit.StateAt(kSlot - 1h), Circuit::State::kHalfOpen);
}

TEST(RateLimiterTest, SoManyASecondWithoutBursts) {
  RateLimiter limiter;
  limiter.SetRate(100);
  RateLimiter::Time now{};
  int taken = 0;
  for (int ms = 0; ms < 10'000; ++ms, now += 1ms) taken += limiter.Take(now);
  EXPECT_NEAR(taken, 1000, 11);
  now += 1h;
  taken = 0;
  while (limiter.Take(now)) ++taken;
  EXPECT_EQ(taken, 10) << "a tenth of a second's worth";
  EXPECT_EQ(limiter.Wait(now), 10ms);
}

TEST(RateLimiterTest, LessThanOneASecond) {
  RateLimiter limiter;
  limiter.SetRate(0.5);
  RateLimiter::Time now{};
  EXPECT_TRUE(limiter.Take(now));
  EXPECT_FALSE(limiter.Take(now));
  EXPECT_EQ(limiter.Wait(now), 2000ms);
  EXPECT_TRUE(limiter.Take(now + 2s));
}

TEST(RateLimiterTest, WithoutARate) {
  RateLimiter limiter;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.Take({}));
}

}  // namespace
}  // namespace rekindle
