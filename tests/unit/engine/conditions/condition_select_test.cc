#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "tests/support/fake_facts.h"
#include "tests/unit/engine/conditions/condition_fixture.h"

namespace rekindle {
namespace {

using testing::FakeFacts;
using testing::FakeUser;
using namespace std::chrono;

TEST(ConditionSelectTest, ReadsRawEventsLastAndForFewUsersOnly) {
  FakeFacts facts;
  facts.configured = Settings();
  const Calendar& calendar = facts.configured.calendar;
  facts.now = calendar.EndOf(Day(2026, 2, 17));
  facts.users.resize(5);
  // One event each on as many days as the user's number says.
  for (UserNumber user = 0; user < 5; ++user) {
    facts.users[user].tags = {"vip"};
    for (UserNumber d = 0; d < user; ++d) {
      facts.users[user].events[1].push_back(
          calendar.StartOf(Day(2026, 2, 10) + days(d)));
    }
  }
  facts.users[1].tags.clear();
  using Reads = std::vector<std::vector<UserNumber>>;
  const auto reads = [&](const std::string& text) {
    facts.reads.clear();
    Good(text, facts.configured)->Select(facts);
    return facts.reads;
  };
  // Three or more days are three or more times; none are none.
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}}}"), (Reads{{1, 2}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}}, tag: vip}"),
            (Reads{{2}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}, days: 1}}"),
            (Reads{{1}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 1}}}"), Reads());
  EXPECT_EQ(reads("{did: {behavior: trip, times: 0}}"), Reads());
  // More than two days are too many, whatever the times.
  EXPECT_EQ(reads("{did: {behavior: trip, times: {lte: 2}}}"), (Reads{{1, 2}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}}, tag: nobody}"),
            Reads());
  EXPECT_EQ(reads("{any: [{did: {behavior: trip, times: {gte: 3}}}, {tag: "
                  "vip}]}"),
            (Reads{{1}}));
  EXPECT_EQ(reads("{did: {behavior: trip, within: 200 hours}}"),
            (Reads{{1, 2, 3, 4}}));
}

FakeFacts RandomFacts(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % n); };
  FakeFacts facts;
  facts.configured = Settings();
  const Calendar& calendar = facts.configured.calendar;
  const LocalDay today = Day(2026, 1, 1) + days(below(120));
  facts.now = calendar.At(today, seconds(below(86400)));
  if (below(3) == 0) facts.kept_from = calendar.StartOf(today - days(20));
  facts.users.resize(60);
  for (FakeUser& user : facts.users) {
    user.known = below(8) != 0;
    user.registered = today - days(below(200));
    for (BehaviorIndex behavior = 0; behavior < 3; ++behavior) {
      const int span = 1 + below(below(2) ? 4 : 150);
      for (int n = below(3) == 0 ? 0 : below(12); n > 0; --n) {
        const Instant at =
            calendar.At(today - days(below(span)), seconds(below(86400)));
        user.events[behavior].push_back(at);
        if (below(3) == 0) continue;
        user.properties[behavior][at] =
            fmt::format(R"({{"item":"{}","amount":{}}})",
                        static_cast<char>('a' + below(3)), below(40));
      }
    }
    for (int n = below(4); n > 0; --n) {
      const auto state = static_cast<TouchState>(below(11));
      user.touches.push_back({below(2) ? "wake" : "greet",
                              below(2) ? "push" : "mail", state,
                              calendar.At(today - days(below(40)), hours(9))});
    }
    user.state = kAllStates[below(7)];
    if (user.state == State::kChurned) {
      user.substate = below(2) ? "driving" : "other";
    }
    if (below(2)) user.tags.insert("vip");
    if (below(2)) user.profile["age"] = static_cast<double>(below(40));
    if (below(2))
      user.profile["city"] = std::string(below(2) ? "上海" : "北京");
    for (size_t label = 0; label < 2; ++label) {
      if (below(2)) user.labels.push_back({label, 3, 5, below(2) == 0});
    }
    for (const LabelShare& share : user.labels) {
      if (share.labeled) user.top = share.label;
    }
  }
  return facts;
}

// A random condition, `depth` levels of nesting at most.
std::string RandomCondition(std::mt19937* random, int depth) {
  static const char* const kLeaves[] = {
      "lifecycle: [dormant, churned/driving]",
      "lifecycle: churned",
      "inactive: {at_least: [1 month, 14 days]}",
      "inactive: {at_least: 2 weeks, less_than: [3 months, 60 days]}",
      "inactive: {less_than: 1 month}",
      "inactive: 1 period",
      "never_active: true",
      "never_active: false",
      "prefers: driver",
      "prefers: [driver, shopper]",
      "top_preference: shopper",
      "profile: {age: {gte: 18}, city: {ne: 北京}}",
      "profile: {city: {exists: false}}",
      "did: {behavior: trip, within: 30 days}",
      "did: {behavior: activity, within: 2 weeks, days: {gte: 2}}",
      "did: {behavior: trip, days: {lt: 3}}",
      "did: {behavior: trip, times: {gte: 4}, within: 2 months}",
      "did: {behavior: shop, times: {gt: 1, lte: 5}}",
      "did: {behavior: shop, times: {lt: 3}, days: {lte: 1}, within: 1 month}",
      "did: {behavior: shop, times: 0, within: 1 period}",
      "did: {behavior: trip, within: 36 hours}",
      "did: {behavior: trip, within: 90 minutes, times: {lte: 1}}",
      "did_not: {behavior: trip, within: 30 days}",
      "did_not: {behavior: shop, times: {gte: 2}}",
      "did_not: {behavior: shop, within: 12 hours}",
      "did: {behavior: trip, since: shop}",
      "did_not: {behavior: shop, since: trip, within: 30 days}",
      "did: {behavior: trip, since: shop, times: {lt: 2}}",
      "did: {behavior: trip, in_a_row: 2 days, within: 2 months}",
      "did: {behavior: trip, times: {gte: 2}, in_a_row: 2 days}",
      "did: {behavior: shop, where: {item: [a, b]}, days: {gte: 2}}",
      "did: {behavior: shop, where: {amount: {gte: 20}}, times: {lte: 1}}",
      "did: {behavior: trip, same: item, times: {gte: 2}}",
      "did: {behavior: trip, same: item, in_a_row: 2 days}",
      "did: {behavior: shop, total: {property: amount, gte: 25}}",
      "did: {behavior: shop, total: {property: amount, lt: 25}, within: 1 "
      "month}",
      "breadth: {behaviors: [trip, shop, activity], within: 20 days, gte: 2}",
      "breadth: {behaviors: [trip, shop], within: 30 hours, lt: 1}",
      "breadth: {behaviors: [trip, shop], eq: 1}",
      "drop: {within: 30 days, by: 50%}",
      "drop: {behavior: trip, within: 2 weeks, by: 10%}",
      "touched: {rule: wake}",
      "touched: {}",
      "touched: {channel: push, state: delivered, within: 2 weeks}",
      "not_touched: {rule: [wake, greet], within: 10 days}",
      "touched: {state: [held_out, failed]}",
      "segment: vip_drivers",
      "segment: [vips, adults]",
      "tag: [vip, beta]",
  };
  const auto below = [&](size_t n) { return (*random)() % n; };
  const auto nested = [&] { return RandomCondition(random, depth - 1); };
  if (depth == 0 || below(3) == 0) {
    return std::string("{") + kLeaves[below(std::size(kLeaves))] + "}";
  }
  switch (below(3)) {
    case 0:
      return "{all: [" + nested() + ", " + nested() + "]}";
    case 1:
      return "{any: [" + nested() + ", " + nested() + ", " + nested() + "]}";
    default:
      return "{not: " + nested() + "}";
  }
}

TEST(ConditionSelectTest, AgreesWithExplainForEveryUser) {
  std::mt19937 random(20260217);
  int64_t held = 0;
  int64_t asked = 0;
  for (uint32_t round = 0; round < 30; ++round) {
    const FakeFacts facts = RandomFacts(round);
    for (int i = 0; i < 30; ++i) {
      const std::string text = RandomCondition(&random, i % 3);
      const auto condition = Good(text, facts.configured);
      ASSERT_NE(condition, nullptr) << text;
      const UserSet selected = condition->Select(facts);
      for (UserNumber user = 0; user < facts.users.size(); ++user) {
        const Finding finding = condition->Explain(facts, user);
        ASSERT_EQ(selected.Contains(user), finding.holds)
            << "round " << round << ", user " << user << ": " << text << "\n"
            << finding.key << ": " << finding.wanted.English() << " | "
            << finding.actual.English();
        held += finding.holds;
        ++asked;
      }
    }
  }
  // The data must tell the conditions apart.
  EXPECT_GT(held, asked / 5);
  EXPECT_LT(held, asked * 4 / 5);
}

}  // namespace
}  // namespace rekindle
