// Random set algebra, worked out block by block, against whole sets.
#include "engine/sets/set_plan.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rekindle {
namespace {

constexpr uint32_t kUniverse = 2 * kBlockUsers + 77;

UserSet SomeUsers(std::mt19937& random, uint32_t universe) {
  UserSet users(universe);
  for (UserNumber user = 0; user < universe; ++user) {
    if (random() % 3 == 0) users.Add(user);
  }
  return users;
}

// A set whose words have room for whole blocks.
struct Written {
  Written() : words(BlocksOf(kUniverse) * kBlockWords, ~uint64_t{0}) {}
  UserSet Get() const {
    UserSet users(kUniverse);
    for (UserNumber user = 0; user < kUniverse; ++user) {
      if (words[user / 64] >> (user % 64) & 1) users.Add(user);
    }
    return users;
  }
  std::vector<uint64_t> words;
};

TEST(SetPlan, AgreesWithWholeSets) {
  SetPlan::Bench bench;  // of one plan after the other, larger and smaller
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    SetPlan plan;
    std::vector<SetPlan::Term> terms = {plan.Nobody()};
    std::vector<UserSet> sets = {UserSet(kUniverse)};
    // Some end amid a block, or before the last one.
    const std::vector<UserSet> given = {SomeUsers(random, kUniverse),
                                        SomeUsers(random, kUniverse),
                                        SomeUsers(random, 100)};
    for (const UserSet& set : given) {
      terms.push_back(plan.Given(set.words().data(), set.universe()));
      sets.push_back(set);
    }
    terms.push_back(plan.Answer(1));
    sets.push_back(SomeUsers(random, kUniverse));
    const size_t answered = sets.size() - 1;
    terms.push_back(plan.Scanned("odd", [](uint32_t, BlockSet& users) {
      for (uint64_t& word : users) word |= 0xaaaaaaaaaaaaaaaa;
    }));
    UserSet odd(kUniverse);
    for (UserNumber user = 1; user < kUniverse; user += 2) odd.Add(user);
    sets.push_back(odd);

    for (uint32_t step = random() % 60; step > 0; --step) {
      const size_t a = random() % terms.size(), b = random() % terms.size();
      switch (random() % 3) {
        case 0:
          terms.push_back(plan.And(terms[a], terms[b]));
          sets.push_back(sets[a] & sets[b]);
          break;
        case 1:
          terms.push_back(plan.Or(terms[a], terms[b]));
          sets.push_back(sets[a] | sets[b]);
          break;
        default:
          terms.push_back(plan.Minus(terms[a], terms[b]));
          sets.push_back(sets[a] - sets[b]);
      }
    }
    // Some twice.
    std::vector<size_t> wanted;
    for (int i = 0; i < 12; ++i) wanted.push_back(random() % terms.size());
    std::vector<Written> written(wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
      plan.Write(terms[wanted[i]], written[i].words.data());
    }
    // Results of many users are written in another way.
    plan.Finish(seed % 2 == 0 ? kUniverse : 100'000'000);
    for (uint32_t block = 0; block < BlocksOf(kUniverse); ++block) {
      bench.answers.assign(2, BlockSet{});
      for (uint32_t i = 0; i < kBlockUsers; ++i) {
        const UserNumber user = block * kBlockUsers + i;
        if (!sets[answered].Contains(user)) continue;
        bench.answers[1][i / 64] |= uint64_t{1} << (i % 64);
      }
      plan.Run(block, bench);
    }
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(written[i].Get(), sets[wanted[i]] & UserSet::All(kUniverse))
          << "term " << wanted[i];
    }
  }
}

}  // namespace
}  // namespace rekindle
