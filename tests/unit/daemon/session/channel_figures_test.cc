// Tests daemon/session/channel_figures.cc and rule_oversight.cc: the facts that
// pages, metrics and commands tell of channels and rules.
#include "daemon/session/channel_figures.h"

#include <gtest/gtest.h>

#include "daemon/session/rule_oversight.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

class FactsOfSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto file =
        dir_.Write("rekindle.yaml",
                   "data_dir: data\n"
                   "time_zone: Asia/Shanghai\n"
                   "channels:\n"
                   "  held: {type: file, dir: held}\n"
                   "  full: {type: file, dir: full, rate: {per_day: 5}}\n"
                   "  late: {type: file, dir: late, hours: \"10:00-20:00\"}\n"
                   "  open: {type: file, dir: open}\n"
                   "templates: {hello: {open: {text: hello}}}\n"
                   "rules:\n"
                   "  - id: wake\n"
                   "    when: {never_active: true}\n"
                   "    send: {channel: open, template: hello}\n"
                   "    schedule: daily 10:00\n"
                   "    limits: {every: 1 day}\n");
    yaml::Diagnostics d;
    auto session = Session::Open(LoadConfiguration(file, d), clock_);
    ASSERT_TRUE(session) << session.error().message;
    session_ = std::move(*session);
    configuration_ = session_->configuration();
  }

  testing::TempDir dir_;
  const Instant now_ =
      Calendar::Utc().ParseMoment("2026-03-05T09:00:00+08:00")->at;
  const FixedClock clock_{now_};
  std::unique_ptr<Session> session_;
  std::shared_ptr<const Configuration> configuration_;
};

TEST_F(FactsOfSessionTest, AChannelSendsOrWhyNot) {
  ChannelBook& book = session_->engine().ledger().channels();
  book.Hold("held", HoldMode::kDraining, "li", now_);
  session_->engine().store().Write([&](SQLite::Database& db) {
    ChannelBook::Count(db, "full", ChannelBook::kHanded, 5, 0, now_);
    ChannelBook::Count(db, "full", "accepted", 4, 2'500'000, now_);
  });
  const auto figures = FiguresOf(*session_, *configuration_, now_);
  ASSERT_EQ(figures.size(), 4u);
  EXPECT_EQ(figures[0].channel->id, "held");
  EXPECT_EQ(figures[0].word, "draining");
  EXPECT_EQ(figures[0].why, "li, 2026-03-05 09:00");
  EXPECT_TRUE(figures[0].hold);
  EXPECT_EQ(figures[1].word, "day_full");
  EXPECT_EQ(figures[1].until, now_ + std::chrono::hours(15));
  EXPECT_EQ(figures[1].today.handed, 5);
  EXPECT_EQ(figures[1].today.CountOf("accepted"), 4);
  EXPECT_EQ(figures[1].today.CountOf("unknown"), 0);
  EXPECT_EQ(MoneyText(figures[1].today.cost), "2.50");
  EXPECT_EQ(figures[2].word, "outside_hours");
  EXPECT_EQ(figures[2].until, now_ + std::chrono::hours(1));
  EXPECT_EQ(figures[3].word, "sending");
  EXPECT_EQ(figures[3].why, "");
  EXPECT_EQ(figures[3].until, std::nullopt);
  EXPECT_EQ(figures[3].queue.waiting, 0);
}

TEST_F(FactsOfSessionTest, ARuleIsPausedWhileThePauseHolds) {
  const Rule& rule = *configuration_->rules->Find("wake");
  const auto record = [&](OversightAction action) {
    session_->engine().store().Write([&](SQLite::Database& db) {
      Oversight::Record(db, {.rule_id = "wake",
                             .action = action,
                             .version = rule.version,
                             .person = "li",
                             .at = now_});
    });
  };
  record(OversightAction::kPause);
  const RuleOversight paused = OversightOf(*session_, rule);
  ASSERT_TRUE(paused.pause);
  EXPECT_EQ(paused.pause->person, "li");
  EXPECT_FALSE(paused.waits_for_approval);
  EXPECT_FALSE(paused.stopped);
  EXPECT_FALSE(paused.guarded);
  record(OversightAction::kResume);
  EXPECT_FALSE(OversightOf(*session_, rule).pause);
}

}  // namespace
}  // namespace rekindle
