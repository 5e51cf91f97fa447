// Tests daemon/app.cc: the service as a whole under a clock that is set by
// hand: due slots, downtime, and a wall clock that jumps.
#include "daemon/app.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemon/pages/channels_model.h"
#include "daemon/pages/metrics.h"
#include "daemon/pages/models.h"
#include "daemon/pages/user_page.h"
#include "daemon/polling/receipt_poller.h"
#include "daemon/texts/texts.h"
#include "daemon/work/scheduler.h"
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
  // A millisecond further; what it is then.
  Instant Tick() { return FromMillis(++at_); }

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

  // In the file, for the next reload.
  void Change(const std::string& from, const std::string& to) {
    std::string text = dir_.Read("rekindle.yaml");
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
    dir_.Write("rekindle.yaml", text);
  }

  std::unique_ptr<App> Start() {
    auto app = App::Start(dir_.path() / "rekindle.yaml", clock_);
    if (!app) {
      ADD_FAILURE() << app.error().message;
      return nullptr;
    }
    return std::move(*app);
  }

  std::unique_ptr<Session> OpenSession() {
    yaml::Diagnostics d;
    auto session =
        Session::Open(LoadConfiguration(dir_.path() / "rekindle.yaml", d),
                      clock_, BackFill::kInBackground);
    if (!session) {
      ADD_FAILURE() << session.error().message;
      return nullptr;
    }
    return std::move(*session);
  }

  static bool Eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  // Until a step has ended that began after all that came before: the second to
  // end. It steps once a second.
  void LetItStep(const Scheduler& scheduler) {
    for (int i = 0; i < 2; ++i) {
      const Instant now = clock_.Tick();
      ASSERT_TRUE(
          Eventually([&] { return scheduler.health().last_step == now; }));
    }
  }
  // The same at once, as after a reload.
  void LetItLook(Scheduler& scheduler) {
    for (int i = 0; i < 2; ++i) {
      const Instant now = clock_.Tick();
      ASSERT_TRUE(Eventually([&] {
        scheduler.Wake();
        return scheduler.health().last_step == now;
      }));
    }
  }

  static std::string Slots(Session& session) {
    std::string text;
    const auto settings = session.engine().settings();
    const Calendar& zone = settings->calendar;
    auto slots = session.engine().ledger().slots().Newest("wake", 0);
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
  const auto session = OpenSession();
  ASSERT_TRUE(session);
  Engine& engine = session->engine();
  ASSERT_TRUE(engine.PutUser("u1", R"({"created_at":"2026-01-01"})"));
  Scheduler scheduler(*session, [] {});
  LetItLook(scheduler);
  EXPECT_EQ(Slots(*session), "") << "a slot before the rule was first loaded";

  clock_.Set("2026-03-05T10:00:01+08:00");
  LetItLook(scheduler);
  EXPECT_EQ(Slots(*session), "2026-03-05 10:00 done; ");

  clock_.Set("2026-03-05T09:30:00+08:00");  // the clock is set back
  LetItLook(scheduler);
  clock_.Set("2026-03-05T10:30:00+08:00");
  LetItLook(scheduler);
  EXPECT_EQ(Slots(*session), "2026-03-05 10:00 done; ");
  EXPECT_EQ(engine.ledger().CountTouches({}), 1);

  clock_.Set("2026-03-06T12:30:00+08:00");  // found later than max_late
  LetItLook(scheduler);
  EXPECT_EQ(Slots(*session),
            "2026-03-05 10:00 done; 2026-03-06 10:00 missed; ");
  EXPECT_EQ(engine.ledger().CountTouches({}), 1);
}

// A clock that was hours fast leaves nobody waiting for hours.
TEST_F(AppTest, WorksWhatIsDueAfterTheClockWasSetBack) {
  Change("daily 10:00", "every 1 hour");
  const auto session = OpenSession();
  ASSERT_TRUE(session);
  Scheduler scheduler(*session, [] {});
  LetItLook(scheduler);
  clock_.Set("2026-03-05T14:00:01+08:00");
  LetItLook(scheduler);
  ASSERT_NE(Slots(*session).find("2026-03-05 14:00 done; "), std::string::npos);
  clock_.Set("2026-03-05T09:30:00+08:00");
  LetItStep(scheduler);
  clock_.Set("2026-03-05T10:00:01+08:00");
  LetItStep(scheduler);
  EXPECT_NE(Slots(*session).find("2026-03-05 10:00 done; "), std::string::npos)
      << Slots(*session);
}

// What goes wrong is shown and tried again, however often: nothing is left out
// after so many errors.
TEST_F(AppTest, AStepThatFailsIsShownAndTriedAgain) {
  const auto session = OpenSession();
  ASSERT_TRUE(session);
  Engine& engine = session->engine();
  ASSERT_TRUE(engine.PutUser("u1", R"({"created_at":"2026-01-01"})"));
  Scheduler scheduler(*session, [] {});
  LetItLook(scheduler);
  engine.store().Write([](SQLite::Database& db) {
    db.exec(
        "CREATE TRIGGER full BEFORE INSERT ON touches "
        "BEGIN SELECT raise(ABORT, 'disk full'); END");
  });
  clock_.Set("2026-03-05T10:00:01+08:00");
  for (int i = 0; i < 5; ++i) LetItLook(scheduler);
  EXPECT_NE(scheduler.health().failure.find("disk full"), std::string::npos)
      << scheduler.health().failure;
  const Json page = HealthModel(*session, scheduler, nullptr, {});
  EXPECT_FALSE(page["ready"].get<bool>());
  EXPECT_EQ(page["failing"].dump(), R"([{"check":"scheduler_failing"}])");
  EXPECT_EQ(Slots(*session), "");

  engine.store().Write(
      [](SQLite::Database& db) { db.exec("DROP TRIGGER full"); });
  LetItLook(scheduler);
  EXPECT_EQ(scheduler.health().failure, "");
  EXPECT_TRUE(
      HealthModel(*session, scheduler, nullptr, {})["ready"].get<bool>());
  EXPECT_EQ(Slots(*session), "2026-03-05 10:00 done; ");
}

TEST_F(AppTest, TouchesOfAChannelThatIsGoneExpireAsEver) {
  const auto session = OpenSession();
  ASSERT_TRUE(session);
  Engine& engine = session->engine();
  Ledger& ledger = engine.ledger();
  ASSERT_TRUE(engine.PutUser("u1", R"({"created_at":"2026-01-01"})"));
  Scheduler scheduler(*session, [] {});
  LetItLook(scheduler);
  ledger.channels().Hold("out", HoldMode::kPaused, "kim", clock_.Now());
  clock_.Set("2026-03-05T10:00:01+08:00");
  LetItLook(scheduler);
  ASSERT_EQ(ledger.CountTouches({.state = TouchState::kPlanned}), 1);
  EXPECT_EQ(ledger.WaitedFor(), std::vector<std::string>{"out"});
  Change("channels: {out:", "channels: {other:");
  Change("{hello: {out:", "{hello: {other:");
  Change("channel: out", "channel: other");
  ASSERT_TRUE(session->Reload().ok);
  clock_.Set("2026-03-06T10:00:02+08:00");
  LetItStep(scheduler);
  const auto touches = ledger.Touches({.state = TouchState::kDropped});
  ASSERT_EQ(touches.size(), 1u);
  EXPECT_EQ(touches[0].channel, "out");
  EXPECT_EQ(touches[0].reason, "expired");
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

// Two that shared a port would answer in turns.
TEST_F(AppTest, APortInUseIsRefused) {
  auto app = Start();
  ASSERT_TRUE(app);
  const std::string port = std::to_string(app->pages_port());
  const testing::TempDir other;
  const auto file = other.Write(
      "rekindle.yaml", "pages: {listen: \"127.0.0.1:" + port + "\"}\n");
  auto second = App::Start(file, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kIo);
  EXPECT_EQ(second.error().message,
            "cannot serve the pages on 127.0.0.1:" + port +
                ": the address is in use or not this machine's");
  // Free again the moment it is left.
  app.reset();
  EXPECT_TRUE(App::Start(file, clock_));
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
  const Json page = RulesModel(app->session(), clock_.Now());
  EXPECT_FALSE(page["reload"]["ok"].get<bool>());
  EXPECT_NE(page["reload"]["errors"].get<std::string>().find("oops"),
            std::string::npos);
  EXPECT_EQ(page["reload"]["running_since"], "2026-03-05 09:00");
  EXPECT_NE(app->StatusLine().find("last reload FAILED"), std::string::npos);
}

TEST_F(AppTest, AReloadThatCannotBeWrittenKeepsTheRules) {
  auto app = Start();
  ASSERT_TRUE(app);
  Session& session = app->session();
  session.engine().store().Write([](SQLite::Database& db) {
    db.exec(
        "CREATE TRIGGER full BEFORE INSERT ON rule_versions "
        "BEGIN SELECT raise(ABORT, 'disk full'); END");
  });
  const auto configuration = session.configuration();
  const auto settings = session.engine().settings();
  Change("max_late: 2 hours", "max_late: 3 hours");
  Change("Asia/Shanghai", "Europe/Berlin");
  const ReloadStatus status = app->Reload();
  EXPECT_FALSE(status.ok);
  EXPECT_NE(status.errors.find("disk full"), std::string::npos)
      << status.errors;
  EXPECT_EQ(session.configuration(), configuration);
  EXPECT_EQ(session.engine().settings(), settings);
  const Json page = RulesModel(session, clock_.Now());
  EXPECT_EQ(page["as_of"], "2026-03-05 09:00");
  EXPECT_FALSE(page["reload"]["ok"].get<bool>());
  EXPECT_EQ(page["reload"]["errors"], status.errors);

  session.engine().store().Write(
      [](SQLite::Database& db) { db.exec("DROP TRIGGER full"); });
  EXPECT_TRUE(app->Reload().ok);
  EXPECT_NE(session.configuration(), configuration);
  EXPECT_EQ(RulesModel(session, clock_.Now())["as_of"], "2026-03-05 02:00");
}

TEST_F(AppTest, APageSaysWhichVersionRunsSinceWhen) {
  auto app = Start();
  ASSERT_TRUE(app);
  const auto versions = [&] {
    std::string text;
    const auto model = RuleModel(app->session(), "wake", clock_.Now());
    for (const Json& one : (*model)["versions"]) {
      text += one["version_since"].get<std::string>() + " ";
    }
    return text;
  };
  const auto version = [&] {
    return RulesModel(app->session(), clock_.Now())["rules"][0];
  };
  const Json first = version();
  EXPECT_EQ(first["version_since"], "2026-03-05 09:00");

  clock_.Set("2026-03-05T11:00:00+08:00");
  EXPECT_TRUE(app->Reload().ok);  // nothing changed
  EXPECT_EQ(version()["version"], first["version"]);
  EXPECT_EQ(versions(), "2026-03-05 09:00 ");

  Change("max_late: 2 hours", "max_late: 3 hours");
  EXPECT_TRUE(app->Reload().ok);
  EXPECT_NE(version()["version"], first["version"]);
  EXPECT_EQ(version()["version_since"], "2026-03-05 11:00");

  // Back to what it was: in force anew, and still so after a restart.
  clock_.Set("2026-03-05T12:00:00+08:00");
  Change("max_late: 3 hours", "max_late: 2 hours");
  EXPECT_TRUE(app->Reload().ok);
  clock_.Set("2026-03-06T09:00:00+08:00");
  app.reset();
  app = Start();
  EXPECT_EQ(version()["version"], first["version"]);
  EXPECT_EQ(versions(), "2026-03-05 12:00 2026-03-05 11:00 2026-03-05 09:00 ");
}

TEST_F(AppTest, TheHealthPageTellsOfAHeldChannel) {
  auto app = Start();
  ASSERT_TRUE(app);
  Session& session = app->session();
  const auto standing = [&] { return StandingsModel(session)[0]["standing"]; };
  EXPECT_EQ(standing(), "sending");
  session.engine().ledger().channels().Hold("out", HoldMode::kPaused, "li",
                                            clock_.Now());
  EXPECT_EQ(standing(), "paused");
  const Json channels = ChannelsModel(session, {})["channels"];
  EXPECT_EQ(channels[0]["standing"], "paused");
  EXPECT_EQ(channels[0]["why"], "li, 2026-03-05 09:00");
}

TEST_F(AppTest, TheUserPageMasksAddressesWhereverTheyStand) {
  Change("{never_active: true}",
         "{profile: {email: {contains: \"@\"}, phone: {exists: true}}}");
  auto app = Start();
  ASSERT_TRUE(app);
  Engine& engine = app->session().engine();
  ASSERT_TRUE(engine.PutUser(
      "u1", R"({"created_at":"2026-01-01","email":"alice@example.com",)"
            R"("phone":"+8613800138000","office":{"phone":"02155501234"}})"));
  const auto model =
      UserModel(app->session(), "u1", clock_.Now(), &Phrase::English);
  ASSERT_TRUE(model) << model.error().message;
  const std::string text = model->dump();
  for (const char* address :
       {"alice@example.com", "13800138000", "02155501234"}) {
    EXPECT_EQ(text.find(address), std::string::npos) << text;
  }
  EXPECT_EQ((*model)["profile"]["email"], "a***@example.com");
  const std::string found = (*model)["rules"][0]["condition"].dump();
  EXPECT_NE(found.find("a***@example.com"), std::string::npos) << found;
}

TEST_F(AppTest, TheUserPageExplainsInThePagesLanguage) {
  auto app = Start();
  ASSERT_TRUE(app);
  ASSERT_TRUE(
      app->session().engine().PutUser("u1", R"({"created_at":"2026-01-01"})"));
  const Texts texts;
  const auto rule = [&](const PhraseTeller& tell) {
    const auto model = UserModel(app->session(), "u1", clock_.Now(), tell);
    return model ? (*model)["rules"][0] : Json();
  };
  const Json english = rule(&Phrase::English);
  EXPECT_EQ(english["condition"]["actual"], "no activity");
  EXPECT_EQ(english["stages"][1]["detail"], "allowed: out");
  const Json chinese =
      rule([&](const Phrase& phrase) { return texts.Tell(phrase, "zh"); });
  EXPECT_EQ(chinese["condition"]["actual"], "没有活跃记录");
  EXPECT_EQ(chinese["stages"][1]["detail"], "允许：out");
  EXPECT_EQ(chinese["reason"], english["reason"]) << "pages translate codes";
}

// Rules name behaviors by number: new rules never meet old settings.
TEST_F(AppTest, AReloadIsSeenWholeOrNotAtAll) {
  const std::string behaviors[] = {
      "behaviors: {a: {event: a}, b: {event: b}, c: {event: c}}\n",
      "behaviors: {c: {event: c}}\n"};
  clock_.Set("2026-03-05T10:30:00+08:00");
  Change("channels:", behaviors[0] + "channels:");
  Change("{never_active: true}", "{did_not: {behavior: c}}");
  auto app = Start();
  ASSERT_TRUE(app);
  ASSERT_TRUE(
      app->session().engine().PutUser("u1", R"({"created_at":"2026-01-01"})"));
  std::atomic<bool> stop = false;
  std::thread asking([&] {
    while (!stop) {
      const auto plans = app->session().Plan(clock_.Now(), {});
      EXPECT_EQ(plans.at(0).candidates.size(), 1u);
      EXPECT_TRUE(
          app->session().Explain(0, clock_.Now(), "wake").at(0).matched);
    }
  });
  for (int i = 0; i < 20; ++i) {
    Change(behaviors[i % 2], behaviors[(i + 1) % 2]);
    EXPECT_TRUE(app->Reload().ok);
  }
  stop = true;
  asking.join();
}

// What a page began with stays there until it is made. Worth most under TSan
// and ASan.
TEST_F(AppTest, PagesAreMadeWhileReloadsGoOn) {
  const std::string zones[] = {"time_zone: Asia/Shanghai\n",
                               "time_zone: Europe/Berlin\n"};
  const auto opened = OpenSession();
  ASSERT_TRUE(opened);
  Session& session = *opened;
  ASSERT_TRUE(session.engine().PutUser("u0", "{}"));
  const Scheduler scheduler(session, [] {});
  ReceiptCommitter receipts(session.engine(), clock_);
  const ReceiptPoller poller(session, receipts);
  std::atomic<bool> stop = false;
  std::thread reading([&] {
    const Instant now = clock_.Now();
    while (!stop) {
      const std::string as_of = RulesModel(session, now)["as_of"];
      EXPECT_TRUE(as_of == "2026-03-05 09:00" || as_of == "2026-03-05 02:00")
          << as_of;
      EXPECT_TRUE(RuleModel(session, "wake", now));
      EXPECT_TRUE(TouchesModel(session, {}));
      EXPECT_TRUE(UserModel(session, "u0", now, &Phrase::English));
      EXPECT_FALSE(OverviewModel(session, now, 3).empty());
      EXPECT_FALSE(
          HealthModel(session, scheduler, nullptr, receipts.stats()).empty());
      EXPECT_NE(MetricsText(session, nullptr, poller, receipts.stats())
                    .find("rekindle_users "),
                std::string::npos);
    }
  });
  for (int i = 0; i < 50; ++i) {
    Change(zones[i % 2], zones[(i + 1) % 2]);
    EXPECT_TRUE(session.Reload().ok);
    EXPECT_TRUE(session.engine().PutUser("u" + std::to_string(i + 1), "{}"));
  }
  stop = true;
  reading.join();
  EXPECT_EQ(session.engine().CountUsers(), 51u);
}

TEST_F(AppTest, TheLastRecomputeIsKnownAfterARestart) {
  const auto told = [](Session& session, const Scheduler& scheduler) {
    const auto at = scheduler.health().last_recompute;
    const auto settings = session.engine().settings();
    return at ? settings->calendar.FormatMinute(*at) : "none";
  };
  {
    const auto session = OpenSession();
    ASSERT_TRUE(session);
    ASSERT_TRUE(
        session->engine().PutUser("u1", R"({"created_at":"2026-01-01"})"));
    Scheduler scheduler(*session, [] {});  // due at 00:30, found late
    LetItLook(scheduler);
    EXPECT_EQ(told(*session, scheduler), "2026-03-05 09:00");
  }
  {
    clock_.Set("2026-03-05T10:00:00+08:00");
    const auto session = OpenSession();
    ASSERT_TRUE(session);
    Scheduler scheduler(*session, [] {});
    EXPECT_EQ(told(*session, scheduler), "2026-03-05 09:00");
    clock_.Set("2026-03-06T08:00:00+08:00");  // when nobody changes
    LetItLook(scheduler);
    EXPECT_EQ(told(*session, scheduler), "2026-03-06 08:00");
  }
  const auto session = OpenSession();
  ASSERT_TRUE(session);
  EXPECT_EQ(told(*session, Scheduler(*session, [] {})), "2026-03-06 00:30");
}

// A series that begins with its first touch raises no alert on it.
TEST_F(AppTest, MetricsHaveAZeroForEveryState) {
  auto app = Start();
  ASSERT_TRUE(app);
  Session& session = app->session();
  ReceiptCommitter receipts(session.engine(), clock_);
  const ReceiptPoller poller(session, receipts);
  ASSERT_TRUE(session.engine().PutUser("u1", R"({"created_at":"2026-01-01"})"));
  const auto lines = [&](const std::string& family) {
    const std::string text =
        MetricsText(session, nullptr, poller, receipts.stats());
    std::string found;
    for (size_t at = text.find("\n" + family + "{"); at != text.npos;
         at = text.find("\n" + family + "{", at + 1)) {
      const size_t from = at + 1 + family.size();
      found += text.substr(from, text.find('\n', from) - from) + "\n";
    }
    return found;
  };
  std::string touches;
  for (const char* state :
       {"planned", "claimed", "accepted", "failed", "unknown", "delivered",
        "bounced", "opened", "clicked", "dropped", "held_out"}) {
    touches += "{state=\"" + std::string(state) + "\"} 0\n";
  }
  EXPECT_EQ(lines("rekindle_touches"), touches);
  EXPECT_EQ(lines("rekindle_slots"),
            "{state=\"open\",reason=\"\"} 0\n"
            "{state=\"done\",reason=\"\"} 0\n"
            "{state=\"missed\",reason=\"\"} 0\n"
            "{state=\"stopped\",reason=\"approval\"} 0\n"
            "{state=\"stopped\",reason=\"blast_guard\"} 0\n"
            "{state=\"stopped\",reason=\"paused\"} 0\n");
  EXPECT_EQ(lines("rekindle_notices"),
            "{state=\"waiting\"} 0\n{state=\"sending\"} 0\n"
            "{state=\"sent\"} 0\n{state=\"failed\"} 0\n"
            "{state=\"unknown\"} 0\n");
  session.engine().ledger().channels().Hold("out", HoldMode::kPaused, "kim",
                                            clock_.Now());
  clock_.Set("2026-03-05T10:00:01+08:00");
  app->Reload();  // looks at once
  touches.replace(touches.find('0'), 1, "1");
  EXPECT_TRUE(Eventually([&] { return lines("rekindle_touches") == touches; }))
      << lines("rekindle_touches");
  EXPECT_TRUE(lines("rekindle_slots")
                  .starts_with("{state=\"open\",reason=\"\"} 0\n"
                               "{state=\"done\",reason=\"\"} 1\n"));
}

}  // namespace
}  // namespace rekindle
