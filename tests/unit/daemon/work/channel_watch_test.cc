// Tests daemon/work/channel_watch.cc: what of a channel is told, and that a
// restart neither loses nor repeats it.
#include "daemon/work/channel_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/oversight/notices.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

TEST(ChannelWatchTest, TheShareIsOfClearAnswers) {
  ChannelCounts counts;
  counts.by_outcome = {{"accepted", 60},    {"dead_recipient", 20},
                       {"bad_message", 10}, {"unknown", 10},
                       {"temporary", 500},  {"account", 7}};
  EXPECT_EQ(ShareOf(counts).answers, 100);
  EXPECT_DOUBLE_EQ(ShareOf(counts).share(), 0.6);
  EXPECT_DOUBLE_EQ(ShareOf({}).share(), 0);
}

TEST(ChannelWatchTest, ADropIsToldWhereThereIsEnoughToSaySo) {
  const struct {
    DeliveryShare hour, week;
    bool dropped;
  } kRows[] = {
      {{20, 50}, {180, 200}, true},
      {{23, 50}, {180, 200}, false},  // more than half of 90 %
      {{0, 49}, {200, 200}, false},   // too few in the hour
      {{0, 50}, {199, 199}, false},   // too few in the week
      {{0, 0}, {0, 0}, false},
      {{0, 50}, {200, 200}, true},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(HasDropped(row.hour, row.week), row.dropped)
        << row.hour.accepted << "/" << row.hour.answers << " after "
        << row.week.accepted << "/" << row.week.answers;
  }
}

TEST(ChannelWatchTest, NewsIsWhatDiffersFromWhatWasTold) {
  const struct {
    std::string told, trouble;
    bool has_answered;
    std::string news;
  } kRows[] = {
      {"", "", true, ""},
      {"", "stopped", false, "stopped"},
      {"stopped", "stopped", true, ""},
      {"stopped", "paused", false, "paused"},
      {"stopped", "delivers_less", true, "delivers_less"},
      {"stopped", "", true, "works_again"},
      {"paused", "", false, "works_again"},
      {"delivers_less", "", false, "works_again"},
      {"works_again", "", true, ""},
      {"works_again", "stopped", true, "stopped"},
      // After a restart, before the channel has shown whether it works.
      {"stopped", "", false, ""},
      {"stopped", "delivers_less", false, ""},
      {"stopped", "stopped", false, ""},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(NewsOf({row.trouble, "", row.has_answered}, row.told), row.news)
        << "told \"" << row.told << "\", found \"" << row.trouble << "\", "
        << row.has_answered;
  }
}

class WatchClock : public Clock {
 public:
  Instant Now() const override { return now; }
  Instant now = Calendar::Utc().ParseMoment("2026-03-05T09:00:00+08:00")->at;
};

// Both channels write into folders; a file in a folder's place is a trouble
// that only a person ends.
class ChannelNewsTest : public ::testing::Test {
 protected:
  ChannelNewsTest() {
    dir_.Write("rekindle.yaml",
               "data_dir: data\n"
               "time_zone: Asia/Shanghai\n"
               "channels:\n"
               "  out: {type: file, dir: out/rows}\n"
               "  ops: {type: file, dir: ops/rows}\n"
               "notices: {channel: ops}\n"
               "templates: {hello: {out: {text: hello}}}\n"
               "rules:\n"
               "  - id: wake\n"
               "    when: {never_active: true}\n"
               "    send: {channel: out, template: hello}\n"
               "    schedule: daily 10:00\n"
               "    max_late: 2 hours\n"
               "    limits: {every: 1 day}\n");
    Restart();
  }

  void Restart() {
    session_.reset();
    yaml::Diagnostics d;
    auto session = Session::Open(LoadConfiguration(dir_ / "rekindle.yaml", d),
                                 clock_, BackFill::kAtOnce);
    if (!session) throw std::runtime_error(session.error().message);
    session_ = std::move(*session);
  }
  void Block(const std::string& channel) { dir_.Write(channel, ""); }
  void Unblock(const std::string& channel) {
    std::filesystem::remove(dir_ / channel);
  }
  void Hold(HoldMode mode) {
    session_->engine().ledger().channels().Hold("out", mode, "kim", clock_.now);
  }
  void Dispatch(const std::string& channel) {
    const auto configuration = session_->configuration();
    session_->Dispatch(*configuration->FindChannel(channel), clock_,
                       {.stop = [] { return false; }});
  }
  // A watch of its own each time: nothing is known but what is in the store.
  void Look() {
    ChannelWatch watch(*session_);
    watch.Look();
  }
  // "stopped sent; works_again waiting; "
  std::string PutDown() {
    return session_->engine().store().Read([](SQLite::Database& db) {
      SQLite::Statement get(db,
                            "SELECT cause, state FROM notices WHERE "
                            "about_channel = 'out' ORDER BY slot");
      std::string text;
      while (get.executeStep()) {
        text += get.getColumn(0).getString() + " " +
                get.getColumn(1).getString() + "; ";
      }
      return text;
    });
  }

  testing::TempDir dir_;
  WatchClock clock_;
  std::unique_ptr<Session> session_;
};

TEST_F(ChannelNewsTest, ANoticeThatWaitedSurvivesARestart) {
  Block("ops");
  Hold(HoldMode::kPaused);
  Look();
  EXPECT_EQ(PutDown(), "paused waiting; ");
  Dispatch("ops");
  EXPECT_EQ(PutDown(), "paused waiting; ");
  Restart();
  Look();
  Unblock("ops");
  clock_.now += 6min;
  Dispatch("ops");
  EXPECT_EQ(PutDown(), "paused sent; ");
  const std::string told =
      dir_.Read("ops/rows/channel-notices-20260305T010000Z.csv");
  EXPECT_NE(told.find("Rekindle: out 渠道已被人工暂停: kim"), std::string::npos)
      << told;
}

TEST_F(ChannelNewsTest, AHoldThatLastsOverARestartIsToldOnce) {
  Hold(HoldMode::kPaused);
  Look();
  Dispatch("ops");
  for (int i = 0; i < 2; ++i) {
    Restart();
    Look();
    EXPECT_EQ(PutDown(), "paused sent; ");
  }
  session_->engine().ledger().channels().Resume("out", "kim", clock_.now);
  Look();
  Dispatch("ops");
  Restart();
  Look();
  EXPECT_EQ(PutDown(), "paused sent; works_again sent; ");
}

TEST_F(ChannelNewsTest, AStopThatLastsOverARestartIsToldOnce) {
  Block("out");
  ASSERT_TRUE(
      session_->engine().PutUser("u1", R"({"created_at":"2026-01-01"})"));
  clock_.now += 1h + 1s;
  session_->Run(clock_.now, {});
  Dispatch("out");
  Look();
  Dispatch("ops");
  ASSERT_EQ(PutDown(), "stopped sent; ");
  Restart();
  Look();
  EXPECT_EQ(PutDown(), "stopped sent; ") << "nobody knows yet";
  clock_.now += 6min;
  Dispatch("out");
  Look();
  EXPECT_TRUE(session_->dispatcher().Statuses().at("out").opening);
  EXPECT_EQ(PutDown(), "stopped sent; ") << "stopped anew";
  Unblock("out");
  clock_.now += 6min;
  Dispatch("out");
  Look();
  EXPECT_EQ(PutDown(), "stopped sent; works_again waiting; ");
}

TEST_F(ChannelNewsTest, NothingIsToldOfAChannelThroughItself) {
  session_->engine().ledger().channels().Hold("ops", HoldMode::kPaused, "kim",
                                              clock_.now);
  Look();
  EXPECT_EQ(session_->engine().store().Read([](SQLite::Database& db) {
    return Notices::LastOfChannel(db, "ops", {"ops", ""});
  }),
            "");
}

}  // namespace
}  // namespace rekindle
