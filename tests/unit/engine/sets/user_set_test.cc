#include "engine/sets/user_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <set>

namespace rekindle {
namespace {

using Oracle = std::set<UserNumber>;

Oracle ToOracle(const UserSet& set) {
  const auto list = set.ToList();
  return {list.begin(), list.end()};
}

// A set and its oracle over a random universe, by a random density.
std::pair<UserSet, Oracle> RandomSet(std::mt19937& random) {
  const uint32_t universe = random() % 300;
  const uint32_t one_in = 1 + random() % 20;
  UserSet set(universe);
  Oracle oracle;
  for (UserNumber user = 0; user < universe; ++user) {
    if (random() % one_in != 0) continue;
    set.Add(user);
    oracle.insert(user);
  }
  return {set, oracle};
}

template <class Operation>
Oracle Apply(Operation operation, const Oracle& a, const Oracle& b) {
  Oracle result;
  operation(a.begin(), a.end(), b.begin(), b.end(),
            std::inserter(result, result.end()));
  return result;
}

TEST(UserSet, AlgebraAgreesWithSets) {
  std::mt19937 random(20260214);
  for (int round = 0; round < 2000; ++round) {
    const auto [a, set_a] = RandomSet(random);
    const auto [b, set_b] = RandomSet(random);
    const auto both = [](auto... x) { std::set_intersection(x...); };
    const auto either = [](auto... x) { std::set_union(x...); };
    const auto without = [](auto... x) { std::set_difference(x...); };
    ASSERT_EQ(ToOracle(a & b), Apply(both, set_a, set_b)) << round;
    ASSERT_EQ(ToOracle(a | b), Apply(either, set_a, set_b)) << round;
    ASSERT_EQ(ToOracle(a - b), Apply(without, set_a, set_b)) << round;
    ASSERT_EQ(a == b, set_a == set_b) << round;
    ASSERT_EQ((a | b).Count(), Apply(either, set_a, set_b).size()) << round;
    ASSERT_EQ((a - b).Empty(), Apply(without, set_a, set_b).empty()) << round;
    ASSERT_EQ((a - b) | (a & b), a) << round;
  }
}

TEST(UserSet, ACopyStaysAsItWas) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    const auto [set, oracle] = RandomSet(random);
    const auto [other, others] = RandomSet(random);
    for (int change = 0; change < 7; ++change) {
      UserSet copy = set;
      const UserNumber user = random() % 400;
      if (change == 0) copy.Add(user);
      if (change == 1) copy.Remove(user);
      if (change == 2) copy &= other;
      if (change == 3) copy |= other;
      if (change == 4) copy -= other;
      if (change == 5) copy ^= other;
      if (change == 6 && set.universe() > 0) copy.words()[0] = 0;
      ASSERT_EQ(ToOracle(set), oracle) << change << " in round " << round;
      ASSERT_EQ(ToOracle(other), others) << change << " in round " << round;
    }
  }
}

TEST(UserSet, LentMemoryIsReadAndGrowsElsewhere) {
  auto memory = std::make_shared<uint64_t[]>(3);
  memory[0] = 5;
  memory[1] = 1;
  memory[2] = 77;  // another's
  UserSet set(100, memory);
  EXPECT_EQ(set.ToList(), (std::vector<UserNumber>{0, 2, 64}));
  set.Add(150);
  set |= set;
  EXPECT_EQ(set.ToList(), (std::vector<UserNumber>{0, 2, 64, 150}));
  EXPECT_EQ(memory[2], 77u);
}

TEST(UserSet, SerializedComesBack) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto [set, oracle] = RandomSet(random);
    const auto back = UserSet::Deserialize(set.Serialize());
    ASSERT_TRUE(back) << round;
    ASSERT_EQ(*back, set) << round;
    ASSERT_EQ(ToOracle(*back), oracle) << round;
  }
}

TEST(UserSet, SerializedSaysWhoIsInIt) {
  std::mt19937 random(7);
  for (int round = 0; round < 30; ++round) {
    const UserSet set = RandomSet(random).first;
    const std::string bytes = set.Serialize();
    for (UserNumber user = 0; user < 300; ++user) {
      const std::array<UserNumber, 2> users = {user, 4'000'000'000};
      const auto in = UserSet::HasOne(bytes, users);
      ASSERT_TRUE(in) << round;
      ASSERT_EQ(*in, set.Contains(user)) << round << ' ' << user;
    }
    ASSERT_EQ(UserSet::HasOne(bytes, {}), false);
  }
}

TEST(UserSet, RunsAreStoredShort) {
  EXPECT_LT(UserSet::All(1'000'000).Serialize().size(), 1000u);
}

TEST(UserSet, DamagedBytesAreRefused) {
  UserSet set;
  for (UserNumber user = 0; user < 100'000; user += 7) set.Add(user);
  const std::string bytes = set.Serialize();
  for (const std::string& damaged :
       {std::string(), bytes.substr(0, bytes.size() / 2), "x" + bytes}) {
    const auto back = UserSet::Deserialize(damaged);
    ASSERT_FALSE(back) << damaged.size();
    EXPECT_EQ(back.error().kind, ErrorKind::kCorrupt);
    EXPECT_EQ(back.error().message, "a stored set of users is damaged");
    EXPECT_FALSE(UserSet::HasOne(damaged, {}));
  }
}

TEST(UserSet, AllHasNoBitsPastItsUniverse) {
  for (uint32_t universe : {0u, 1u, 63u, 64u, 65u, 128u, 4097u}) {
    const UserSet all = UserSet::All(universe);
    EXPECT_EQ(all.Count(), universe);
    EXPECT_FALSE(all.Contains(universe));
    EXPECT_EQ((UserSet::All(universe) - all).Count(), 0u);
  }
}

TEST(UserSet, AddGrowsAndRemoveDoesNot) {
  UserSet set(10);
  set.Add(130);
  EXPECT_EQ(set.universe(), 131u);
  EXPECT_TRUE(set.Contains(130));
  EXPECT_FALSE(set.Contains(129));
  set.Remove(130);
  set.Remove(100'000);
  EXPECT_TRUE(set.Empty());
  EXPECT_EQ(set.universe(), 131u);
}

TEST(UserSet, ForEachIsAscending) {
  UserSet set;
  for (UserNumber user : {500u, 3u, 64u, 63u}) set.Add(user);
  std::vector<UserNumber> seen;
  set.ForEach([&](UserNumber user) { seen.push_back(user); });
  EXPECT_EQ(seen, (std::vector<UserNumber>{3, 63, 64, 500}));
}

}  // namespace
}  // namespace rekindle
