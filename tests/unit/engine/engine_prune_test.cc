// Raw events go by retention; what they alone could mend is mended before.
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What is logged while it lives, a line each.
class LinesLogged {
 public:
  LinesLogged() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_, true);
    sink->set_pattern("%v");
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("lines", sink));
  }
  ~LinesLogged() { spdlog::set_default_logger(before_); }
  LinesLogged(const LinesLogged&) = delete;
  LinesLogged& operator=(const LinesLogged&) = delete;

  std::string text() const { return text_.str(); }
  int64_t lines() const {
    const std::string all = text();
    return std::count(all.begin(), all.end(), '\n');
  }

 private:
  const std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
};

class EnginePruneTest : public EngineTest {
 protected:
  // Raw events are kept for 30 days: eve's are old from bob's on.
  void SetUp() override {
    Open(Keeping("30 days"));
    Append(Event("eve", "app_open", "2024-03-07"), "2024-03-08");
    Append(Event("bob", "app_open", "2026-05-01"), "2026-05-02");
  }
  static std::string Keeping(const std::string& time) {
    return std::string(kCarSettings) + "retention: {raw_events: " + time +
           "}\n";
  }
  // On disk alone, where nobody has read it.
  void DamageOldestMonth() {
    DamageStored("mask_blocks", "masks",
                 "month = (SELECT min(month) FROM mask_blocks)");
    Reopen();
  }
  void DamageStored(const std::string& table, const std::string& column,
                    const std::string& where) {
    engine_->Checkpoint();
    engine_->store().Write([&](SQLite::Database& db) {
      db.exec("UPDATE " + table + " SET " + column + " = CAST(x'00' || " +
              column + " AS BLOB) WHERE " + where);
    });
  }
  void ChangeRawEvents(const std::string& times) {
    SQLite::Database db((folder() / "journal.db").string(),
                        SQLite::OPEN_READWRITE);
    db.exec("UPDATE batches SET times = CAST(" + times +
            " AS BLOB) WHERE number = 2");
  }
};

TEST_F(EnginePruneTest, ABlockThatNobodyReadIsMendedBefore) {
  DamageOldestMonth();
  ASSERT_THAT(engine_->CheckFiles(), SizeIs(1));
  const LinesLogged log;
  EXPECT_EQ(engine_->PruneRawEvents(), 1);
  EXPECT_THAT(log.text(),
              HasSubstr("is damaged; made anew, before raw events are pruned"));
  EXPECT_EQ(engine_->journal().stats().events, 1);
  EXPECT_THAT(engine_->CheckFiles(), IsEmpty());
  EXPECT_EQ(Days("eve", "app_open"), "2024-03-07");
  Kill();
  EXPECT_EQ(Days("eve", "app_open"), "2024-03-07");
}

TEST_F(EnginePruneTest, DaysOfThoseWhoWereMergedAreMendedToo) {
  Append(Alias("eve", "zoe"), "2026-05-02");
  DamageOldestMonth();
  EXPECT_EQ(engine_->PruneRawEvents(), 1);
  EXPECT_THAT(engine_->CheckFiles(), IsEmpty());
  EXPECT_EQ(Days("zoe", "app_open"), "2024-03-07");
}

// They are in memory, and written once more.
TEST_F(EnginePruneTest, LastTimesAreMendedBefore) {
  const auto last_of_eve = [&] {
    return engine_->columns().Last(engine_->users().Find("eve"));
  };
  const auto before = last_of_eve();
  ASSERT_TRUE(before);
  DamageStored("last_blocks", "lasts", "true");
  ASSERT_THAT(engine_->CheckFiles(), SizeIs(1));
  EXPECT_EQ(engine_->PruneRawEvents(), 1);
  EXPECT_THAT(engine_->CheckFiles(), IsEmpty());
  Reopen();
  EXPECT_EQ(last_of_eve(), before);
}

TEST_F(EnginePruneTest, WithNothingToPruneNothingIsRead) {
  Open(Keeping("1000 days"));
  DamageOldestMonth();
  const LinesLogged log;
  EXPECT_EQ(engine_->PruneRawEvents(), 0);
  EXPECT_EQ(log.text(), "");
  EXPECT_THAT(engine_->CheckFiles(), SizeIs(1)) << "found, or even mended";
}

TEST_F(EnginePruneTest, WhatCannotBeMendedAnyMoreKeepsNothing) {
  ASSERT_EQ(engine_->PruneRawEvents(), 1);
  DamageOldestMonth();
  Append(Event("bob", "app_open", "2026-06-20"), "2026-06-21");
  EXPECT_EQ(engine_->PruneRawEvents(), 1);
  EXPECT_EQ(engine_->journal().stats().events, 1);
  EXPECT_THAT(engine_->CheckFiles(), SizeIs(1));
}

TEST_F(EnginePruneTest, WhatCouldStillBeMendedKeepsRawEvents) {
  DamageOldestMonth();
  ChangeRawEvents("x'00' || times");
  const LinesLogged log;
  EXPECT_EQ(engine_->PruneRawEvents(), 0);
  EXPECT_THAT(log.text(), HasSubstr("journal batch 2 is damaged; so all of "
                                    "them are kept beyond retention"));
  EXPECT_EQ(engine_->PruneRawEvents(), 0);
  EXPECT_EQ(log.lines(), 1) << "told twice a day";
  Append(Event("bob", "app_open", "2026-05-02"), "2026-05-03");
  EXPECT_EQ(engine_->PruneRawEvents(), 0);
  EXPECT_EQ(log.lines(), 2) << "told once for ever";
  EXPECT_EQ(engine_->journal().stats().events, 3);
  ChangeRawEvents("substr(times, 2)");
  EXPECT_EQ(engine_->PruneRawEvents(), 1);
  EXPECT_THAT(engine_->CheckFiles(), IsEmpty());
  EXPECT_EQ(Days("eve", "app_open"), "2024-03-07");
}

}  // namespace
}  // namespace rekindle
