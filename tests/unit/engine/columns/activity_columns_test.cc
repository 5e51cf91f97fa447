#include "engine/columns/activity_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <tuple>

#include "engine/columns/column_store.h"
#include "engine/store/store.h"
#include "engine/store_schema.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

constexpr size_t kBehaviors = 3;
constexpr UserNumber kUsers = 3 * kBlockUsers;

Moment On(int32_t day, int64_t ms_into_day = 0) {
  return {FromMillis(day * int64_t{86'400'000} + ms_into_day),
          DayFromNumber(day), false};
}

// What the columns say, kept in the most obvious way.
struct Naive {
  std::map<std::pair<BehaviorIndex, UserNumber>, std::set<int32_t>> days;
  std::map<std::pair<BehaviorIndex, UserNumber>, int64_t> last;

  void Mark(BehaviorIndex b, UserNumber user, const Moment& when) {
    days[{b, user}].insert(ToNumber(when.day));
    auto [entry, added] = last.try_emplace({b, user}, ToMillis(when.at));
    entry->second = std::max(entry->second, ToMillis(when.at));
  }
  void Merge(UserNumber from, UserNumber into) {
    for (BehaviorIndex b = 0; b < kBehaviors; ++b) {
      if (!days.contains({b, from})) continue;
      days[{b, into}].merge(days[{b, from}]);
      auto [entry, added] = last.try_emplace({b, into}, last[{b, from}]);
      entry->second = std::max(entry->second, last[{b, from}]);
    }
    Erase(from);
  }
  void Erase(UserNumber user) {
    for (BehaviorIndex b = 0; b < kBehaviors; ++b) {
      days.erase({b, user});
      last.erase({b, user});
    }
  }
};

std::set<int32_t> DaysIn(const ActivityColumns& columns, BehaviorIndex b,
                         UserNumber user) {
  std::set<int32_t> days;
  const auto months = columns.Months(b);
  if (!months) return days;
  for (int32_t month = months->first; month <= months->second; ++month) {
    const int32_t first = ToNumber(FirstDayOf(month, PeriodUnit::kMonth));
    const uint32_t mask = columns.DayMask(b, user, month);
    for (int bit = 0; bit < 32; ++bit) {
      if (mask >> bit & 1) days.insert(first + bit);
    }
  }
  return days;
}

void ExpectSame(const ActivityColumns& columns, const Naive& naive) {
  for (BehaviorIndex b = 0; b < kBehaviors; ++b) {
    for (UserNumber user = 0; user < kUsers; ++user) {
      const auto days = naive.days.find({b, user});
      const auto expected =
          days == naive.days.end() ? std::set<int32_t>() : days->second;
      ASSERT_EQ(DaysIn(columns, b, user), expected) << b << " " << user;
      if (b != BehaviorSet::kActivity) continue;
      const auto last = columns.Last(user);
      ASSERT_EQ(last.has_value(), !expected.empty()) << user;
      if (last) {
        ASSERT_EQ(ToMillis(*last), naive.last.at({b, user}));
      }
    }
  }
}

// Marks, merges and erasures on both; few users are hit often, so that merges
// meet something.
void Play(std::mt19937& random, int steps, ActivityColumns* columns,
          Naive* naive) {
  const auto user = [&] {
    return static_cast<UserNumber>(random() % 40 * (kUsers / 40));
  };
  for (int step = 0; step < steps; ++step) {
    const UserNumber one = user();
    const UserNumber other = user();
    const uint32_t dice = random() % 100;
    if (dice < 90) {
      const BehaviorIndex b = random() % kBehaviors;
      const Moment when = On(static_cast<int32_t>(random() % 1200) - 200,
                             random() % 86'400'000);
      columns->Mark(b, one, when);
      naive->Mark(b, one, when);
    } else if (dice < 97 && one != other) {
      columns->Merge(one, other);
      naive->Merge(one, other);
    } else {
      columns->Erase(one);
      naive->Erase(one);
    }
  }
}

TEST(ActivityColumns, AgreeWithANaiveMap) {
  std::mt19937 random(1);
  for (int round = 0; round < 5; ++round) {
    ActivityColumns columns(kBehaviors);
    Naive naive;
    Play(random, 3000, &columns, &naive);
    ExpectSame(columns, naive);
  }
}

// The same marks in two, of which one joins the other block by block.
TEST(ActivityColumns, BlocksMadeApartJoin) {
  std::mt19937 random(2);
  ActivityColumns columns(kBehaviors), other(kBehaviors);
  Naive naive;
  for (int step = 0; step < 3000; ++step) {
    const auto user = static_cast<UserNumber>(random() % 40 * (kUsers / 40));
    const BehaviorIndex b = random() % kBehaviors;
    const Moment when =
        On(static_cast<int32_t>(random() % 400), random() % 86'400'000);
    (random() % 2 == 0 ? columns : other).Mark(b, user, when);
    naive.Mark(b, user, when);
  }
  Workers workers;
  const CountedWindow window{3, 5, {1, 2}};
  const auto before = columns.Counters(window, kUsers, workers);
  for (BehaviorIndex b = 0; b < kBehaviors; ++b) {
    for (auto& [month, blocks] : other.column(b).months) {
      for (uint32_t i = 0; i < blocks->size(); ++i) {
        const MaskBlock* block = other.Block(b, month, i);
        if (block == nullptr) continue;
        columns.Join(b, month, i, std::make_unique<MaskBlock>(*block));
        EXPECT_TRUE(columns.Block(b, month, i)->dirty);
      }
    }
  }
  auto& lasts = other.column(BehaviorSet::kActivity).last;
  for (uint32_t i = 0; i < lasts.size(); ++i) {
    if (lasts[i]) columns.Join(i, std::move(lasts[i]));
  }
  ExpectSame(columns, naive);
  EXPECT_NE(columns.Counters(window, kUsers, workers), before);
}

TEST(ActivityColumns, EveryDayOfALeapYearHasItsBit) {
  ActivityColumns columns(1);
  using std::chrono::local_days;
  const LocalDay first{std::chrono::year(2024) / 1 / 1};
  for (int i = 0; i < 366; ++i) {
    columns.Mark(0, 7, On(ToNumber(first) + i));
  }
  const std::vector<int> lengths = {31, 29, 31, 30, 31, 30,
                                    31, 31, 30, 31, 30, 31};
  const int32_t january = PeriodOf(first, PeriodUnit::kMonth);
  for (int m = 0; m < 12; ++m) {
    const uint32_t full = (uint64_t{1} << lengths[m]) - 1;
    EXPECT_EQ(columns.DayMask(0, 7, january + m), full) << m + 1;
  }
  EXPECT_EQ(columns.Months(0), std::pair(january, january + 11));
}

TEST(ActivityColumns, WhatIsNotThereIsNothing) {
  ActivityColumns columns(2);
  EXPECT_EQ(columns.Months(0), std::nullopt);
  EXPECT_EQ(columns.Block(0, 600, 0), nullptr);
  EXPECT_EQ(columns.Last(12345), std::nullopt);
  columns.Mark(0, kBlockUsers, On(18'262));
  const int32_t month = PeriodOf(DayFromNumber(18'262), PeriodUnit::kMonth);
  EXPECT_EQ(columns.Block(0, month, 0), nullptr);
  EXPECT_NE(columns.Block(0, month, 1), nullptr);
  EXPECT_EQ(columns.Block(0, month, 2), nullptr);
  EXPECT_EQ(columns.Block(1, month, 1), nullptr);
}

TEST(ActivityColumns, ADayMarkedAgainLeavesTheBlockClean) {
  ActivityColumns columns(1);
  columns.Mark(0, 1, On(18'262, 5));
  TakeChanges({}, 1, true, &columns.column(0));
  columns.Mark(0, 1, On(18'262, 5));
  const int32_t month = PeriodOf(DayFromNumber(18'262), PeriodUnit::kMonth);
  EXPECT_FALSE(columns.Block(0, month, 0)->dirty);
  EXPECT_FALSE(columns.column(0).last[0]->dirty);
  columns.Mark(0, 1, On(18'262, 6));
  EXPECT_FALSE(columns.Block(0, month, 0)->dirty);
  EXPECT_TRUE(columns.column(0).last[0]->dirty);
}

// The user's active days, and those on which they did each behavior, too.
std::array<int, 4> CountsOf(const DayCounters& counters, UserNumber user) {
  std::array<int, 4> counts{};
  const DayCounters::Block* block = counters.block(user / kBlockUsers);
  if (block == nullptr) return counts;
  const auto index = block->IndexOf(user % kBlockUsers);
  if (!index) return counts;
  counts[0] = block->active()[*index];
  for (size_t k = 0; k < counters.window().behaviors.size(); ++k) {
    counts.at(k + 1) = block->both(k)[*index];
  }
  return counts;
}

TEST(ActivityColumns, CountersFollowEveryChange) {
  Workers workers;
  std::mt19937 random(3);
  ActivityColumns columns(kBehaviors);
  Naive naive;
  const int32_t first = PeriodOf(DayFromNumber(200), PeriodUnit::kMonth);
  const CountedWindow window{first, first + 2, {1, 0, 2}};
  for (int round = 0; round < 10; ++round) {
    const auto counters = columns.Counters(window, kUsers, workers);
    ASSERT_NE(counters, nullptr);
    const DayCounters fresh(columns, window, kUsers, workers);
    for (UserNumber user = 0; user < kUsers; ++user) {
      std::array<int, 4> expected{};
      for (int32_t m = window.first_month; m <= window.last_month; ++m) {
        const uint32_t active = columns.DayMask(0, user, m);
        expected[0] += std::popcount(active);
        for (size_t k = 0; k < window.behaviors.size(); ++k) {
          expected[k + 1] += std::popcount(
              active & columns.DayMask(window.behaviors[k], user, m));
        }
      }
      for (const DayCounters* c : {counters.get(), &fresh}) {
        ASSERT_EQ(CountsOf(*c, user), expected)
            << user << " in round " << round;
      }
    }
    Play(random, 300, &columns, &naive);
  }
}

TEST(ActivityColumns, CountersStayWithThePresent) {
  Workers workers;
  ActivityColumns columns(1);
  columns.Mark(0, 1, On(18'262));
  const int32_t month = PeriodOf(DayFromNumber(18'262), PeriodUnit::kMonth);
  const auto now = columns.Counters({month - 2, month, {}}, 10, workers);
  ASSERT_NE(now, nullptr);
  EXPECT_EQ(columns.Counters({month - 3, month - 1, {}}, 10, workers), nullptr);
  EXPECT_EQ(columns.Counters({month - 2, month, {}}, 10, workers), now);
  EXPECT_EQ(columns.Counters({month - 10, month, {}}, 10, workers), nullptr)
      << "days of eleven months do not fit a byte";
  const auto later = columns.Counters({month - 1, month + 1, {}}, 10, workers);
  ASSERT_NE(later, nullptr);
  EXPECT_EQ(CountsOf(*later, 1)[0], 1);
}

class ColumnStoreTest : public ::testing::Test {
 protected:
  void Save(ActivityColumns& columns, JournalPosition position,
            bool at_once = false) {
    std::vector<ColumnChanges> changes;
    for (BehaviorIndex b = 0; b < columns.behaviors(); ++b) {
      changes.push_back(TakeChanges(
          Key(b), position, b == BehaviorSet::kActivity, &columns.column(b)));
    }
    WriteChanges(store_, changes, at_once, workers_, [](SQLite::Database&) {});
  }
  ActivityColumns Load(int32_t in_memory_from = INT32_MIN) {
    ActivityColumns columns(
        kBehaviors, [this](BehaviorIndex b, int32_t month, uint32_t block) {
          ++blocks_read_;
          return store_.Read([&](SQLite::Database& db) {
            return ReadBlock(db, Key(b), month, block);
          });
        });
    store_.Read([&](SQLite::Database& db) {
      for (BehaviorIndex b = 0; b < kBehaviors; ++b) {
        LoadColumn(db, Key(b), in_memory_from, &columns.column(b), &damaged_,
                   workers_);
      }
      LoadLasts(db, Key(0), &columns.column(0), &damaged_);
    });
    return columns;
  }
  static ColumnKey Key(BehaviorIndex b) {
    return {"definition " + std::to_string(b), "UTC"};
  }
  int64_t Rows(const std::string& table) {
    return store_.Read([&](SQLite::Database& db) {
      return db.execAndGet("SELECT count(*) FROM " + table).getInt64();
    });
  }

  testing::TempDir dir_;
  Store store_{dir_ / "store.db", StoreMigrations()};
  int blocks_read_ = 0;
  std::vector<DamagedBlock> damaged_;
  Workers workers_;
};

TEST(ActivityColumns, AMergeThatCannotReadABlockCostsNobodyDays) {
  constexpr int32_t kMonth = 600;
  bool readable = false;
  ActivityColumns columns(1, [&](BehaviorIndex, int32_t, uint32_t) {
    if (!readable) throw std::runtime_error("the disk does not answer");
    auto masks = std::make_unique<MaskBlock>();
    masks->Join(5, 0b1000);
    return masks;
  });
  MonthBlocks& blocks = columns.column(0).month(kMonth);
  blocks.LeaveOnDisk(2);
  blocks.Put(0, std::make_unique<MaskBlock>());
  blocks.GetOrAdd(0).Join(1, 0b10);
  const UserNumber from = 1, into = kBlockUsers + 5;
  EXPECT_THROW(columns.Merge(from, into), std::runtime_error);
  EXPECT_EQ(columns.DayMask(0, from, kMonth), 0b10u);
  readable = true;
  columns.Merge(from, into);
  EXPECT_EQ(columns.DayMask(0, from, kMonth), 0u);
  EXPECT_EQ(columns.DayMask(0, into, kMonth), 0b1010u);
}

TEST_F(ColumnStoreTest, SavedAgainAndAgainComesBack) {
  std::mt19937 random(2);
  ActivityColumns columns(kBehaviors);
  Naive naive;
  for (int round = 0; round < 5; ++round) {
    Play(random, 500, &columns, &naive);
    Save(columns, round + 1, /*at_once=*/round % 2 == 0);
    ExpectSame(Load(), naive);
    // Left on disk: read when asked for, changed, saved, and dropped again.
    ActivityColumns lazy = Load(INT32_MAX);
    ExpectSame(lazy, naive);
    Play(random, 100, &lazy, &naive);
    Save(lazy, round + 1);
    lazy.Release(INT32_MAX);
    ExpectSame(lazy, naive);
    columns = Load();
  }
}

TEST_F(ColumnStoreTest, MonthsThatEventsKeepComingForStayInMemory) {
  constexpr int32_t kBusyDay = 18'262, kQuietDay = 18'293;
  const auto month_of = [](int32_t day) {
    return PeriodOf(DayFromNumber(day), PeriodUnit::kMonth);
  };
  ActivityColumns columns(kBehaviors);
  columns.Mark(0, 1, On(kBusyDay));
  columns.Mark(0, 1, On(kQuietDay));
  Save(columns, 1);
  ActivityColumns lazy = Load(INT32_MAX);
  // Events that change nothing, too.
  for (int i = 0; i < 100; ++i) lazy.Mark(0, 1, On(kBusyDay));
  lazy.Mark(0, 1, On(kQuietDay));
  const auto reads_of = [&](int32_t day) {
    const int before = blocks_read_;
    EXPECT_NE(lazy.DayMask(0, 1, month_of(day)), 0U);
    return blocks_read_ - before;
  };
  lazy.Release(INT32_MAX);
  EXPECT_EQ(reads_of(kBusyDay), 0);
  EXPECT_EQ(reads_of(kQuietDay), 1);
  lazy.Release(INT32_MAX);
  EXPECT_EQ(reads_of(kBusyDay), 1) << "nothing has come since";
}

TEST_F(ColumnStoreTest, KeepsThePositionByDefinitionAndZone) {
  const auto position = [&](const ColumnKey& key) {
    ActivityColumns::Column column;
    return store_.Read([&](SQLite::Database& db) {
      return LoadColumn(db, key, 0, &column, &damaged_, workers_);
    });
  };
  EXPECT_EQ(position(Key(0)), std::nullopt);
  ActivityColumns nothing(kBehaviors);
  Save(nothing, 17);
  EXPECT_EQ(position(Key(0)), 17);
  EXPECT_EQ(position({"definition 0", "Asia/Shanghai"}), std::nullopt);
  EXPECT_EQ(position({"definition 9", "UTC"}), std::nullopt);
}

TEST_F(ColumnStoreTest, EmptiedBlocksAreDropped) {
  ActivityColumns columns(kBehaviors);
  columns.Mark(0, 1, On(18'262));
  columns.Mark(0, 1, On(18'293));
  columns.Mark(1, 2, On(18'262));
  Save(columns, 1);
  EXPECT_EQ(Rows("mask_blocks"), 3);
  EXPECT_EQ(Rows("last_blocks"), 1);
  columns.Erase(1);
  Save(columns, 2);
  EXPECT_EQ(Rows("mask_blocks"), 1);
  EXPECT_EQ(Rows("last_blocks"), 0);
  EXPECT_EQ(Load().Last(1), std::nullopt);
}

TEST_F(ColumnStoreTest, OnlyDirtyBlocksAreWritten) {
  ActivityColumns columns(kBehaviors);
  columns.Mark(0, 1, On(18'262));
  Save(columns, 1);
  store_.Write(
      [](SQLite::Database& db) { db.exec("DELETE FROM mask_blocks"); });
  columns.Mark(0, kBlockUsers + 1, On(18'262));
  Save(columns, 2);
  EXPECT_EQ(Rows("mask_blocks"), 1);
}

TEST_F(ColumnStoreTest, ADamagedBlockIsNamed) {
  ActivityColumns columns(kBehaviors);
  columns.Mark(0, 1, On(18'262));
  Save(columns, 1);
  store_.Write([](SQLite::Database& db) {
    db.exec(
        "UPDATE mask_blocks SET masks = "
        "CAST(substr(masks, 1, length(masks) - 1) || x'55' AS BLOB)");
  });
  const std::string what =
      "block 0 of the stored activity in 2020-01 of \"definition 0\" is "
      "damaged";
  EXPECT_EQ(Load().DayMask(0, 1, 600), 0u);
  ASSERT_EQ(damaged_.size(), 1u);
  EXPECT_EQ(damaged_[0].what, what);
  EXPECT_EQ(store_.Read([&](SQLite::Database& db) {
    return CheckColumns(db, workers_);
  }),
            std::vector{what});
  const int32_t month = PeriodOf(DayFromNumber(18'262), PeriodUnit::kMonth);
  const auto damaged_in = [&](const MonthRange& months) {
    return store_
        .Read([&](SQLite::Database& db) {
          return DamagedBlocks(db, Key(0), months, workers_);
        })
        .size();
  };
  EXPECT_EQ(damaged_in({}), 1u);
  EXPECT_EQ(damaged_in({month, month}), 1u);
  EXPECT_EQ(damaged_in({INT32_MIN, month - 1}), 0u);
  EXPECT_EQ(damaged_in({month + 1, INT32_MAX}), 0u);
  // Left on disk, it is found when it is asked for.
  const ActivityColumns lazy = Load(INT32_MAX);
  EXPECT_THAT([&] { lazy.DayMask(0, 1, month); },
              ::testing::ThrowsMessage<std::runtime_error>(what));
}

TEST_F(ColumnStoreTest, OldMonthsAreReadWhenAskedForAndOnlyOnce) {
  ActivityColumns columns(kBehaviors);
  columns.Mark(1, 1, On(18'262));
  columns.Mark(1, 1, On(18'293));
  Save(columns, 1);
  const int32_t month = PeriodOf(DayFromNumber(18'262), PeriodUnit::kMonth);
  const ActivityColumns loaded = Load(month + 1);
  EXPECT_EQ(loaded.Months(1), std::pair(month, month + 1));
  EXPECT_EQ(loaded.DayMask(1, 1, month + 1), 1u);
  EXPECT_EQ(blocks_read_, 0);
  EXPECT_EQ(loaded.DayMask(1, 1, month), 1u);
  EXPECT_EQ(loaded.DayMask(1, 2, month), 0u);
  EXPECT_EQ(blocks_read_, 1);
}

TEST_F(ColumnStoreTest, WhatWasNotWrittenIsTakenAgain) {
  ActivityColumns columns(1);
  columns.Mark(0, 1, On(18'262));
  const ColumnChanges taken = TakeChanges(Key(0), 1, true, &columns.column(0));
  EXPECT_EQ(taken.masks.size() + taken.lasts.size(), 2u);
  EXPECT_TRUE(TakeChanges(Key(0), 1, true, &columns.column(0)).masks.empty());
  GiveBack(taken, &columns.column(0));
  const ColumnChanges again = TakeChanges(Key(0), 1, true, &columns.column(0));
  EXPECT_EQ(again.masks.size() + again.lasts.size(), 2u);
}

TEST_F(ColumnStoreTest, LastTimesOfAnotherPositionAreNotBelieved) {
  ActivityColumns columns(1);
  columns.Mark(0, 1, On(18'262));
  Save(columns, 1);
  columns.Mark(0, 2, On(18'262));
  // Saved as a behavior that is not activity for a while.
  WriteChanges(store_, {TakeChanges(Key(0), 2, false, &columns.column(0))},
               false, workers_, [](SQLite::Database&) {});
  ActivityColumns::Column column;
  EXPECT_FALSE(store_.Read([&](SQLite::Database& db) {
    return LoadLasts(db, Key(0), &column, &damaged_);
  }));
  EXPECT_TRUE(column.last.empty());
}

}  // namespace
}  // namespace rekindle
