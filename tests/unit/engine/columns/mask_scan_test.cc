#include "engine/columns/mask_scan.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <vector>

#include "tests/unit/engine/columns/some_masks.h"

namespace rekindle {
namespace {

TEST(MaskScan, PlacesEachMaskAtItsUser) {
  std::mt19937 random(1);
  for (uint32_t one_in : {1, 3, 4000}) {
    const MaskBlock block = SomeMasks(random, one_in);
    for (const auto place : {Place, plain::Place}) {
      MasksByUser masks;
      masks.fill(7);
      place(block, masks);
      for (uint32_t user = 0; user < kBlockUsers; ++user) {
        ASSERT_EQ(masks[user], block.Get(user)) << user << " of " << one_in;
      }
    }
  }
}

int DaysOf(uint32_t user, CountedMonths months) {
  int days = 0;
  for (const auto& [masks, bits] : months) {
    days += std::popcount((*masks)[user] & bits);
  }
  return days;
}

// Some days of each month.
std::vector<CountedMonth> SomeDays(std::mt19937& random,
                                   std::span<const MasksByUser> masks) {
  std::vector<CountedMonth> months;
  for (const MasksByUser& month : masks) {
    months.push_back({&month, static_cast<uint32_t>(random())});
  }
  return months;
}

TEST(MaskScan, AnswersWhoHasSoManyDays) {
  std::mt19937 random(2);
  std::vector<MasksByUser> masks(12);
  for (MasksByUser& month : masks) Place(SomeMasks(random, 2), month);
  // As many days as a byte holds, and more.
  for (const auto& [count, most] :
       {std::pair(0, 31), {1, 31}, {3, 93}, {3, 255}, {3, 400}, {12, 372}}) {
    const auto months =
        SomeDays(random, std::span(masks).first(static_cast<size_t>(count)));
    std::array<std::array<uint64_t, kBlockWords>, 5> found;
    const std::vector<DaysWithin> questions = {
        {0, 0, found[0].data()},
        {1, static_cast<uint32_t>(most), found[1].data()},
        {3, 7, found[2].data()},
        {11, 11, found[3].data()},
        {60, 90, found[4].data()}};
    for (const auto answer : {AnswerDays, plain::AnswerDays}) {
      for (auto& users : found) users.fill(random());
      answer(months, questions);
      for (uint32_t user = 0; user < kBlockUsers; ++user) {
        const auto days = static_cast<uint32_t>(DaysOf(user, months));
        for (size_t q = 0; q < questions.size(); ++q) {
          const auto& [at_least, at_most, users] = questions[q];
          ASSERT_EQ(BitOf(found[q], user), at_least <= days && days <= at_most)
              << days << " in " << at_least << "-" << at_most;
        }
      }
    }
  }
}

TEST(MaskScan, AnswersWhoDropped) {
  std::mt19937 random(4);
  std::vector<MasksByUser> masks(4);
  for (MasksByUser& month : masks) Place(SomeMasks(random, 2), month);
  for (size_t count : {0, 1, 2}) {
    const auto now = SomeDays(random, std::span(masks).first(count));
    const auto before = SomeDays(random, std::span(masks).subspan(2));
    for (int32_t by : {1, 33'333, 50'000, 100'000}) {
      for (const auto answer : {AnswerDropped, plain::AnswerDropped}) {
        std::array<uint64_t, kBlockWords> users;
        users.fill(random());
        answer(now, before, by, users);
        for (uint32_t user = 0; user < kBlockUsers; ++user) {
          const int64_t had = DaysOf(user, before);
          const int64_t fewer = had - DaysOf(user, now);
          ASSERT_EQ(BitOf(users, user), had > 0 && fewer * 100'000 >= had * by)
              << fewer << " fewer of " << had << " by " << by;
        }
      }
    }
  }
}

TEST(MaskScan, AddsThoseWithADay) {
  std::mt19937 random(3);
  MasksByUser masks;
  Place(SomeMasks(random, 2), masks);
  for (const auto add : {AddThoseWith, plain::AddThoseWith}) {
    std::array<uint64_t, kBlockWords> users{};
    users[5] = 0b101;
    add(masks, 0x40, users);
    for (uint32_t user = 0; user < kBlockUsers; ++user) {
      const bool there = user == 320 || user == 322;
      ASSERT_EQ(BitOf(users, user), there || (masks[user] & 0x40) != 0) << user;
    }
  }
}

}  // namespace
}  // namespace rekindle
