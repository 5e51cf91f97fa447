// Tests daemon/app.cc: the service as a whole under a clock that is set by
// hand: due slots, downtime, and a wall clock that jumps.
#include "daemon/app.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

class HandClock : public Clock {
 public:
  explicit HandClock(std::string_view at) { Set(at); }
  Instant Now() const override { return FromMillis(at_.load()); }
  void Set(std::string_view at) {
    at_ = ToMillis(Calendar::Utc().ParseMoment(at)->at);
  }

 private:
  std::atomic<int64_t> at_;
};

class AppTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(dir_.path() / "rekindle.yaml")
        << "data_dir: data\n"
           "time_zone: Asia/Shanghai\n"
           "channels: {out: {type: file, dir: out}}\n"
           "templates: {hello: {out: {text: hello}}}\n"
           "rules:\n"
           "  - id: wake\n"
           "    when: {never_active: true}\n"
           "    send: {channel: out, template: hello}\n"
           "    schedule: daily 10:00\n"
           "    max_late: 2 hours\n"
           "    limits: {every: 1 day}\n"
           "pages: {listen: \"127.0.0.1:0\"}\n";
  }

  std::unique_ptr<App> Start() {
    auto app = App::Start(dir_.path() / "rekindle.yaml", clock_);
    if (!app) {
      ADD_FAILURE() << app.error().message;
      return nullptr;
    }
    return std::move(*app);
  }

  // The scheduler steps once a second.
  void LetItStep() { std::this_thread::sleep_for(2500ms); }

  std::string Slots(App& app) {
    std::string text;
    const Calendar& zone = app.session().engine().settings().calendar;
    auto slots = app.session().engine().ledger().Slots("wake", 0);
    for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
      text += zone.FormatMinute(slot->slot) +
              (slot->state == SlotState::kMissed ? " missed; " : " done; ");
    }
    return text;
  }

  testing::TempDir dir_;
  HandClock clock_{"2026-03-05T09:00:00+08:00"};
};

TEST_F(AppTest, WorksWhatIsDueOnceThroughClockJumps) {
  auto app = Start();
  ASSERT_TRUE(app);
  ASSERT_TRUE(
      app->session().engine().PutUser("u1", R"({"created_at":"2026-01-01"})"));
  LetItStep();
  EXPECT_EQ(Slots(*app), "") << "a slot before the rule was first loaded";

  clock_.Set("2026-03-05T10:00:01+08:00");
  app->Reload();  // looks at once
  LetItStep();
  EXPECT_EQ(Slots(*app), "2026-03-05 10:00 done; ");

  clock_.Set("2026-03-05T09:30:00+08:00");  // the clock is set back
  app->Reload();
  LetItStep();
  clock_.Set("2026-03-05T10:30:00+08:00");
  app->Reload();
  LetItStep();
  EXPECT_EQ(Slots(*app), "2026-03-05 10:00 done; ");
  EXPECT_EQ(app->session().engine().ledger().CountTouches({}), 1);

  clock_.Set("2026-03-06T12:30:00+08:00");  // found later than max_late
  app->Reload();
  LetItStep();
  EXPECT_EQ(Slots(*app), "2026-03-05 10:00 done; 2026-03-06 10:00 missed; ");
  EXPECT_EQ(app->session().engine().ledger().CountTouches({}), 1);
}

TEST_F(AppTest, AFolderInUseIsRefused) {
  auto app = Start();
  ASSERT_TRUE(app);
  auto second = App::Start(dir_.path() / "rekindle.yaml", clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_NE(second.error().message.find("is in use by another rekindle"),
            std::string::npos)
      << second.error().message;
}

TEST_F(AppTest, AReloadThatFailsKeepsTheRules) {
  auto app = Start();
  ASSERT_TRUE(app);
  std::ofstream(dir_.path() / "rekindle.yaml", std::ios::app) << "oops: 1\n";
  ReloadStatus status = app->Reload();
  EXPECT_FALSE(status.ok);
  EXPECT_NE(status.errors.find("unknown key \"oops\""), std::string::npos)
      << status.errors;
  EXPECT_EQ(app->session().configuration()->rules->rules.size(), 1u);
  EXPECT_NE(app->StatusLine().find("last reload FAILED"), std::string::npos);
}

}  // namespace
}  // namespace rekindle
