// Tests daemon/session/notifier.cc and daemon/session/notice_text.cc: what
// people are told, and what becomes of each answer.
#include "daemon/session/notifier.h"

#include <gtest/gtest.h>

#include "daemon/session/notice_text.h"
#include "engine/oversight/notices.h"
#include "tests/support/small_engine.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

constexpr char kSettings[] =
    "time_zone: Asia/Shanghai\nactivity: app_open\n"
    "behaviors: {app_open: {event: app_open}}\n";

class OpsAdapter : public Adapter {
 public:
  explicit OpsAdapter(AdapterTraits traits) : traits_(std::move(traits)) {}
  const AdapterTraits& traits() const override { return traits_; }
  void Send(Outbox& outbox) override {
    while (const ClaimedTouch* touch = outbox.Next()) {
      sent.push_back(*touch);
      outbox.Report(*touch, answer);
    }
  }
  AdapterTraits& mutable_traits() { return traits_; }

  std::vector<ClaimedTouch> sent;
  Outcome answer;

 private:
  AdapterTraits traits_;
};

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() : engine_(kSettings) {
    configuration_.engine = engine_.engine().settings();
    auto rules = std::make_shared<RuleSet>();
    Rule rule;
    rule.id = "wake";
    rule.name = {"唤醒", "Wake"};
    rules->rules.push_back(rule);
    configuration_.rules = rules;
    configuration_.pages_url = "https://rekindle.example";
    AdapterTraits traits;
    traits.any_parts = true;
    traits.deduplicates = true;
    adapter_ = std::make_shared<OpsAdapter>(traits);
    channel_ = {"ops", "fake", adapter_};
    slot_ = configuration_.engine->calendar
                .ParseMoment("2026-03-20T10:00:00+08:00")
                ->at;
  }

  void Add(const std::string& cause) {
    engine_.engine().store().Write([&](SQLite::Database& db) {
      Notices::Add(db, "wake", slot_, cause, {"ops", ""}, slot_);
    });
  }
  void AddOfChannel(const std::string& standing, const std::string& why) {
    engine_.engine().store().Write([&](SQLite::Database& db) {
      Notices::AddOfChannel(db, "out", standing, why, {"ops", "a@b.example"},
                            slot_);
    });
  }
  void Send(std::chrono::minutes later = 0min) {
    SendNotices(engine_.engine(), configuration_, channel_,
                FixedClock(slot_ + later));
  }
  NoticeState State() {
    const auto counts = engine_.engine().store().Read(
        [](SQLite::Database& db) { return Notices::CountByState(db); });
    EXPECT_EQ(counts.size(), 1u);
    return counts.begin()->first;
  }

  testing::SmallEngine engine_;
  Configuration configuration_;
  std::shared_ptr<OpsAdapter> adapter_;
  Channel channel_;
  Instant slot_;
};

TEST_F(NotifierTest, SaysWhatWhyAndWhereInBothLanguagesOnce) {
  engine_.engine().store().Write([&](SQLite::Database& db) {
    SlotBook::Stop(db,
                   {.rule_id = "wake",
                    .slot = slot_,
                    .reason = "blast_guard",
                    .rule_version = "v",
                    .matched = 900,
                    .eligible = 812},
                   slot_);
  });
  Add("blast_guard");
  Add("users >= 500");
  Send();
  Send(1min);
  ASSERT_EQ(adapter_->sent.size(), 1u) << "one message a slot";
  const ClaimedTouch& sent = adapter_->sent[0];
  EXPECT_EQ(sent.rule_id, "notice-wake");
  ASSERT_EQ(sent.parts.size(), 3u);
  EXPECT_EQ(sent.parts[0],
            (std::pair<std::string, std::string>(
                "title",
                "Rekindle wake: 人数异常，批次已拦截、可触达用户数 >= 500 / "
                "stopped by the blast guard, users who may be reached >= "
                "500")));
  EXPECT_EQ(sent.parts[1].second,
            "规则：唤醒 (wake)\n"
            "批次：2026-03-20 10:00\n"
            "人数异常，批次已拦截、可触达用户数 >= 500\n"
            "命中 900，可触达 812，触达组 0，对照组（不触达） 0\n"
            "\n"
            "Rule: Wake (wake)\n"
            "Slot: 2026-03-20 10:00\n"
            "stopped by the blast guard, users who may be reached >= 500\n"
            "Matched 900, May be reached 812, Treated 0, Held out 0\n"
            "https://rekindle.example/rules/wake\n");
  EXPECT_EQ(sent.parts[2].second, "https://rekindle.example/rules/wake");
  EXPECT_EQ(State(), NoticeState::kSent);
}

TEST_F(NotifierTest, SaysHowAChannelStandsInThePagesLanguage) {
  AddOfChannel("stopped", "connection refused");
  Send();
  configuration_.pages_language = "en";
  AddOfChannel("works_again", "");
  Send();
  configuration_.pages_url.clear();
  AddOfChannel("paused", "kim");
  Send();
  using Parts = std::vector<std::pair<std::string, std::string>>;
  ASSERT_EQ(adapter_->sent.size(), 3u);
  EXPECT_EQ(adapter_->sent[0].rule_id, "channel-notices");
  EXPECT_EQ(adapter_->sent[0].user_id, "operators");
  EXPECT_EQ(adapter_->sent[0].address, "a@b.example");
  EXPECT_EQ(adapter_->sent[0].parts,
            (Parts{{"title", "Rekindle: out 渠道已熔断，暂停发送"},
                   {"text",
                    "Rekindle: out 渠道已熔断，暂停发送: connection refused\n"
                    "https://rekindle.example/channels\n"},
                   {"url", "https://rekindle.example/channels"}}));
  EXPECT_EQ(adapter_->sent[1].parts,
            (Parts{{"title", "Rekindle: out works again"},
                   {"text",
                    "Rekindle: out works again\n"
                    "https://rekindle.example/channels\n"},
                   {"url", "https://rekindle.example/channels"}}));
  EXPECT_EQ(adapter_->sent[2].parts,
            (Parts{{"title", "Rekindle: out was paused by an operator"},
                   {"text", "Rekindle: out was paused by an operator: kim"},
                   {"url", ""}}));
  EXPECT_EQ(State(), NoticeState::kSent);
}

TEST_F(NotifierTest, OfAChannelIsGivenUpAfterAnHour) {
  adapter_->answer = {OutcomeClass::kAccount, "said so", "", std::nullopt};
  AddOfChannel("stopped", "");
  Send();
  Send(5min);
  ASSERT_EQ(adapter_->sent.size(), 2u);
  EXPECT_EQ(adapter_->sent[1].touch_id, adapter_->sent[0].touch_id);
  EXPECT_EQ(adapter_->sent[1].attempt, 2);
  EXPECT_EQ(State(), NoticeState::kWaiting);
  Send(58min);
  EXPECT_EQ(State(), NoticeState::kWaiting);
  Send(59min);
  EXPECT_EQ(adapter_->sent.size(), 3u);
  Send(60min);
  EXPECT_EQ(State(), NoticeState::kFailed);
  Send(24h);
  EXPECT_EQ(adapter_->sent.size(), 4u);
}

TEST_F(NotifierTest, WhatIsToComeAgainAtOnceWaitsForTheNextRound) {
  adapter_->answer = {OutcomeClass::kTemporary, "busy", "", 0s};
  AddOfChannel("stopped", "");
  Send();
  EXPECT_EQ(adapter_->sent.size(), 1u);
  Send();
  EXPECT_EQ(adapter_->sent.size(), 2u);
}

TEST_F(NotifierTest, OfAChannelAllGoesOutAtOnceInOrder) {
  AddOfChannel("stopped", "");
  AddOfChannel("works_again", "");
  Send(1min);
  ASSERT_EQ(adapter_->sent.size(), 2u);
  EXPECT_EQ(adapter_->sent[0].parts[0].second,
            "Rekindle: out 渠道已熔断，暂停发送");
}

TEST_F(NotifierTest, FillsThePartsThatTheAdapterTakes) {
  const NoticeText text{"T", "B", "U"};
  AdapterTraits mail;
  mail.required_parts = {"subject", "text"};
  mail.optional_parts = {"html"};
  using Parts = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(NoticeParts(text, mail), (Parts{{"subject", "T"}, {"text", "B"}}));
  AdapterTraits push;
  push.required_parts = {"title"};
  push.optional_parts = {"body", "url"};
  EXPECT_EQ(NoticeParts(text, push),
            (Parts{{"title", "T"}, {"body", "B"}, {"url", "U"}}));
}

struct AnswerCase {
  OutcomeClass answer;
  bool deduplicates;
  NoticeState state;
  // Minutes later at which it is sent again; -1: never.
  int again;
};

TEST_F(NotifierTest, WhatBecomesOfEachAnswer) {
  const AnswerCase cases[] = {
      {OutcomeClass::kAccepted, true, NoticeState::kSent, -1},
      {OutcomeClass::kTemporary, true, NoticeState::kWaiting, 5},
      {OutcomeClass::kAccount, true, NoticeState::kWaiting, 5},
      {OutcomeClass::kUnknown, true, NoticeState::kWaiting, 1},
      {OutcomeClass::kUnknown, false, NoticeState::kUnknown, -1},
      {OutcomeClass::kBadMessage, true, NoticeState::kFailed, -1},
      {OutcomeClass::kDeadRecipient, true, NoticeState::kFailed, -1},
  };
  for (const AnswerCase& c : cases) {
    SCOPED_TRACE(std::string(OutcomeClassName(c.answer)));
    engine_.engine().store().Write(
        [](SQLite::Database& db) { db.exec("DELETE FROM notices"); });
    adapter_->sent.clear();
    adapter_->mutable_traits().deduplicates = c.deduplicates;
    adapter_->answer = {c.answer, "said so", "", std::nullopt};
    Add("failed");
    Send();
    EXPECT_EQ(State(), c.state);
    EXPECT_EQ(adapter_->sent.size(), 1u);
    Send(std::chrono::minutes(c.again < 0 ? 60 : c.again));
    ASSERT_EQ(adapter_->sent.size(), c.again < 0 ? 1u : 2u);
    if (c.again < 0) continue;
    EXPECT_EQ(adapter_->sent[1].touch_id, adapter_->sent[0].touch_id);
    EXPECT_EQ(adapter_->sent[1].attempt, 2);
    Send(25h);
    EXPECT_EQ(State(), NoticeState::kFailed) << "given up after a day";
  }
}

}  // namespace
}  // namespace rekindle
