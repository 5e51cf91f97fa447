#include "engine/journal/id_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace rekindle {
namespace {

// Against a set of the standard library, with ids that crowd at both ends of
// the table.
TEST(IdSetTest, HoldsWhatWasInsertedInOrder) {
  std::mt19937_64 random(3);
  const auto some_id = [&]() -> IdHash {
    switch (random() % 3) {
      case 0:
        return {random(), random() % 3};
      case 1:
        return {~uint64_t{0} - random() % 40, random() % 3};
      default:
        return {random() % 40, 1 + random() % 3};
    }
  };
  for (int round = 0; round < 20; ++round) {
    IdSet ids;
    std::set<IdHash> expected;
    for (int step = 0; step < 5000; ++step) {
      const IdHash id = some_id();
      ASSERT_EQ(ids.Contains(id), expected.contains(id)) << step;
      if (random() % 3 != 0) {
        ASSERT_EQ(ids.Insert(id), expected.insert(id).second) << step;
      } else {
        ids.Erase(id);
        expected.erase(id);
      }
      ASSERT_EQ(ids.size(), expected.size()) << step;
      if (step == 2000) ids.Reserve(static_cast<size_t>(round) * 1000);
    }
    int steps = 0;
    ASSERT_EQ(ids.ToList([&] { ++steps; }),
              IdSet::List(expected.begin(), expected.end()));
    ASSERT_GT(steps, 0);
    ids.Clear();
    ASSERT_TRUE(ids.empty());
    ASSERT_FALSE(ids.Contains(*expected.begin()));
  }
}

TEST(IdSetTest, TakesAGreatManyAtOnce) {
  std::mt19937_64 random(5);
  IdSet ids;
  ids.Insert({7, 7});
  std::set<IdHash> expected = {{7, 7}};
  IdSet::List many;
  for (int i = 0; i < 20'000; ++i) {
    // All over, and crowded at both ends.
    const uint64_t part = random() % 3;
    const uint64_t upper = part == 0   ? random()
                           : part == 1 ? random() % 40
                                       : ~uint64_t{0} - random() % 40;
    many.push_back({upper, random() % 100});
    if (i % 10 == 0) many.push_back(many[many.size() / 2]);  // once more
    if (i % 1000 == 0) many.push_back({});                   // none
  }
  for (const IdHash& id : many) {
    if (!IsNone(id)) expected.insert(id);
  }
  ids.InsertAll(many);
  EXPECT_EQ(ids.size(), expected.size());
  EXPECT_EQ(ids.ToList([] {}), IdSet::List(expected.begin(), expected.end()));
}

}  // namespace
}  // namespace rekindle
