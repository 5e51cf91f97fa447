// An engine that is closed and opened again, killed, and given other settings.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/support/settings_text.h"
#include "tests/support/temp_dir.h"

namespace rekindle {

inline constexpr char kCarSettings[] = R"yaml(
time_zone: Asia/Shanghai
activity: app_open
behaviors:
  app_open: {event: app_open}
  trip: {event: trip_completed}
  paid_big: {event: order_paid, where: {amount: {gte: 500}}}
preferences:
  labels:
    trip: {behavior: trip, name: {zh: 行程, en: Trips}}
consent: {topics: [offers]}
)yaml";

class EngineTest : public ::testing::Test {
 protected:
  using Texts = std::vector<std::string>;

  void SetUp() override { Open(kCarSettings); }

  std::filesystem::path folder() const { return dir_ / "data"; }

  void Open(const std::string& settings,
            BackFill back_fill = BackFill::kAtOnce) {
    engine_.reset();
    settings_text_ = settings;
    settings_ = testing::SettingsFrom(settings);
    auto engine = Engine::Open(folder(), settings_, back_fill);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = *std::move(engine);
  }
  void Reopen() { Open(std::string(settings_text_)); }

  // The folder as a killed process would leave it, opened in place of ours.
  void Kill() {
    const auto copy = dir_ / ("killed" + std::to_string(++kills_));
    std::filesystem::copy(folder(), copy);
    engine_.reset();
    std::filesystem::remove_all(folder());
    std::filesystem::rename(copy, folder());
    Reopen();
  }

  Moment At(const std::string& when) const {
    return settings_->calendar.ParseMoment(when).value();
  }
  Message Event(const std::string& user, const std::string& event,
                const std::string& when,
                const std::string& properties = "") const {
    Message m;
    m.user_id = user;
    m.event = event;
    m.when = At(when);
    m.properties = properties;
    return m;
  }
  Message Visit(const std::string& visitor, const std::string& event,
                const std::string& when) const {
    Message m = Event("", event, when);
    m.anonymous_id = visitor;
    return m;
  }
  Message Identify(const std::string& user, const std::string& visitor,
                   const std::string& traits = "") const {
    Message m;
    m.kind = MessageKind::kIdentify;
    m.user_id = user;
    m.anonymous_id = visitor;
    m.traits = traits;
    m.when = At("2026-03-01");
    return m;
  }
  Message Alias(const std::string& previous, const std::string& user) const {
    Message m;
    m.kind = MessageKind::kAlias;
    m.previous_id = previous;
    m.user_id = user;
    m.when = At("2026-03-01");
    return m;
  }
  static Message WithId(Message m, const std::string& id) {
    m.message_id = id;
    return m;
  }

  // "accepted", "duplicate" or the reason of the rejection.
  Texts AppendAll(const std::vector<Message>& messages,
                  const std::string& now = "2026-04-01") {
    Texts texts;
    for (const auto& [what, reason] : engine_->Append(messages, At(now).at)) {
      texts.push_back(what == Intake::kAccepted    ? "accepted"
                      : what == Intake::kDuplicate ? "duplicate"
                                                   : reason);
    }
    return texts;
  }
  std::string Append(const Message& message,
                     const std::string& now = "2026-04-01") {
    return AppendAll({message}, now).at(0);
  }

  // The days of a behavior, by user; "2026-03-04 2026-03-09".
  std::string Days(const std::string& user, const std::string& behavior) const {
    const BehaviorIndex b = settings_->behaviors.Find(behavior).value();
    const UserNumber number = engine_->users().Find(user);
    if (number == kNoUser) return "no such user";
    std::string text;
    const auto months = engine_->columns().Months(b);
    if (!months) return text;
    for (int32_t m = months->first; m <= months->second; ++m) {
      const uint32_t mask = engine_->columns().DayMask(b, number, m);
      for (int bit = 0; bit < 31; ++bit) {
        if ((mask >> bit & 1) == 0) continue;
        if (!text.empty()) text += " ";
        text += FormatDay(FirstDayOf(m, PeriodUnit::kMonth) +
                          std::chrono::days(bit));
      }
    }
    return text;
  }
  std::string Registered(const std::string& user) const {
    const UserNumber number = engine_->users().Find(user);
    if (number == kNoUser) return "no such user";
    const auto at = engine_->users().RegisteredAt(number);
    return at ? FormatDay(at->day) : "not known";
  }
  // The store refuses this ("INSERT ON users") from now on, until it accepts it
  // again.
  void Refuse(const std::string& what) {
    engine_->store().Write([&](SQLite::Database& db) {
      db.exec("CREATE TRIGGER full BEFORE " + what +
              " BEGIN SELECT raise(ABORT, 'disk full'); END");
    });
  }
  void Accept() {
    engine_->store().Write(
        [](SQLite::Database& db) { db.exec("DROP TRIGGER full"); });
  }
  int64_t Count(const std::string& sql) {
    return engine_->store().Read(
        [&](SQLite::Database& db) { return db.execAndGet(sql).getInt64(); });
  }

  testing::TempDir dir_;
  std::string settings_text_;  // as opened last
  std::shared_ptr<const EngineSettings> settings_;
  std::unique_ptr<Engine> engine_;
  int kills_ = 0;
};

}  // namespace rekindle
