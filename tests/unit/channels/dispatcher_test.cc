// The dispatcher with a scripted adapter, an engine and a clock of its own.
#include "channels/dispatcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "tests/support/consent_answers.h"
#include "tests/support/small_engine.h"
#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;
using namespace std::chrono_literals;

class TickingClock : public Clock {
 public:
  Instant Now() const override { return now; }
  Instant now = kSlot;
};

// Gives the outcomes it was told, in order; accepts everything after them.
class ScriptedAdapter : public Adapter {
 public:
  explicit ScriptedAdapter(AdapterTraits traits) : traits_(std::move(traits)) {}
  const AdapterTraits& traits() const override { return traits_; }
  void Send(Outbox& outbox) override {
    while (true) {
      const ClaimedTouch* touch = outbox.Next();
      if (touch == nullptr && outbox.ended()) break;
      if (touch == nullptr) {
        AwaitMore(outbox);
        continue;
      }
      sent.push_back(*touch);
      if (seen) seen(*touch);
      if (throws) throw std::runtime_error("out of order");
      if (silent) return;
      const Outcome outcome = OutcomeOf(*touch);
      outbox.Report(*touch, outcome);
      if (talkative) outbox.Report(*touch, {OutcomeClass::kBadMessage, "more"});
    }
  }
  int SentTo(const std::string& user) const {
    return static_cast<int>(std::count_if(
        sent.begin(), sent.end(),
        [&](const auto& touch) { return touch.user_id == user; }));
  }

  std::deque<Outcome> script;
  std::map<std::string, Outcome> by_user;  // before the script
  std::function<void(const ClaimedTouch&)> seen;
  std::vector<ClaimedTouch> sent;
  bool silent = false;
  bool talkative = false;
  bool throws = false;

 private:
  Outcome OutcomeOf(const ClaimedTouch& touch) {
    const auto found = by_user.find(touch.user_id);
    if (found != by_user.end()) return found->second;
    if (script.empty()) return {};
    Outcome outcome = script.front();
    script.pop_front();
    return outcome;
  }

  const AdapterTraits traits_;
};

class DispatcherTest : public ::testing::Test {
 protected:
  // By channel.
  std::map<std::string, Circuit::Opening> OpenCircuits() const {
    std::map<std::string, Circuit::Opening> open;
    for (const auto& [channel, status] : dispatcher_.Statuses()) {
      if (status.circuit != Circuit::State::kOpen) continue;
      open.emplace(channel, *status.opening);
    }
    return open;
  }
  DispatcherTest()
      : engine_("behaviors: {app_open: {event: app_open}}\n"),
        dispatcher_(engine_.engine(), clock_) {}

  void UseAdapter(bool deduplicates = false, int concurrency = 1) {
    AdapterTraits traits;
    traits.address_field = "email";
    traits.deduplicates = deduplicates;
    traits.concurrency = concurrency;
    adapter_ = std::make_shared<ScriptedAdapter>(traits);
    channel_ = {"mail", "fake", adapter_, {}};
  }

  // A user with a planned touch of the mail channel, due at the slot.
  std::string Plan(const std::string& user, const std::string& rule = "wake") {
    engine_.Did(user, "app_open", "2026-01-01T00:00:00Z");
    engine_.Profile(user, "{\"email\": \"" + user + "@a.example\"}");
    Touch touch;
    touch.touch_id = "touch-" + user;
    touch.rule_id = rule;
    touch.rule_version = "1";
    touch.user = engine_.engine().users().Find(user);
    touch.slot = touch.planned_at = touch.due_at = kSlot;
    touch.expires_at = kSlot + 24h;
    touch.contents = {{"mail", {{"subject", "Hello"}}}};
    engine_.engine().store().Write([&](SQLite::Database& db) {
      engine_.engine().ledger().Insert(db, {&touch, 1});
    });
    return touch.touch_id;
  }
  void PlanMany(int count) {
    for (int i = 0; i < count; ++i) Plan("u" + std::to_string(i));
  }

  DeliveryControl Control() {
    DeliveryControl control;
    control.live_rules = [] {
      return std::unordered_set<std::string>{"wake", "big", "small"};
    };
    control.stop = [this] { return stop_.load(); };
    return control;
  }
  DispatchSummary SendDue() { return dispatcher_.SendDue(channel_, Control()); }
  TouchRow Row(const std::string& user) const {
    TouchFilter filter;
    filter.user = engine_.engine().users().Find(user);
    const auto rows = engine_.engine().ledger().Touches(filter);
    EXPECT_EQ(rows.size(), 1);
    return rows.empty() ? TouchRow() : rows[0];
  }
  std::string StateOf(const std::string& user) const {
    return std::string(TouchStateName(Row(user).state));
  }

  mutable testing::SmallEngine engine_;
  TickingClock clock_;
  Dispatcher dispatcher_;
  std::shared_ptr<ScriptedAdapter> adapter_;
  Channel channel_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::chrono::hours> jump_ = 0h;
};

TEST_F(DispatcherTest, SendsWhatIsDueAndRecordsIt) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kAccepted, "250 ok", "Q1"}};
  const DispatchSummary summary = SendDue();
  EXPECT_EQ(summary.accepted, 1);
  ASSERT_EQ(adapter_->sent.size(), 1);
  EXPECT_EQ(adapter_->sent[0].touch_id, "touch-ann");
  EXPECT_EQ(adapter_->sent[0].address, "ann@a.example");
  EXPECT_EQ(adapter_->sent[0].attempt, 1);
  EXPECT_EQ(StateOf("ann"), "accepted");
  SendDue();
  EXPECT_EQ(adapter_->sent.size(), 1) << "once is enough";
}

TEST_F(DispatcherTest, SendsAllThatIsDueHoweverMuch) {
  UseAdapter(false, 4);
  PlanMany(300);
  EXPECT_EQ(SendDue().accepted, 300);
  EXPECT_EQ(adapter_->sent.size(), 300);
}

// What was claimed ahead and not begun is as if it had never been claimed.
TEST_F(DispatcherTest, AStopGivesBackWhatWasNotBegun) {
  UseAdapter(false, 4);
  PlanMany(50);
  adapter_->seen = [&](const ClaimedTouch&) {
    stop_ = true;
    std::this_thread::sleep_for(60ms);  // longer than a turn of the run
  };
  const auto summary = SendDue();
  EXPECT_LT(summary.accepted, 50);
  const auto states = engine_.engine().ledger().CountByState({}, {});
  EXPECT_EQ(states, (std::map<TouchState, int64_t>{
                        {TouchState::kAccepted, summary.accepted},
                        {TouchState::kPlanned, 50 - summary.accepted}}));
  EXPECT_EQ(Row("u49").attempts, 0);
  stop_ = false;
  adapter_->seen = nullptr;
  EXPECT_EQ(SendDue().accepted, 50 - summary.accepted);
  EXPECT_EQ(adapter_->sent.size(), 50) << "nobody twice";
}

TEST_F(DispatcherTest, ABadMessageFails) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kBadMessage, "HTTP 400: no title"}};
  EXPECT_EQ(SendDue().failed, 1);
  const TouchRow row = Row("ann");
  EXPECT_EQ(row.state, TouchState::kFailed);
  EXPECT_EQ(row.reason, "bad_message");
  EXPECT_EQ(row.detail, "HTTP 400: no title");
}

TEST_F(DispatcherTest, ADeadRecipientIsSuppressedForTheChannel) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kDeadRecipient, "550 5.1.1"}};
  EXPECT_EQ(SendDue().failed, 1);
  EXPECT_EQ(Row("ann").reason, "dead_recipient");
  engine_.engine().store().Read([](SQLite::Database& db) {
    EXPECT_TRUE(testing::IsSuppressed(db, "mail", "ann@a.example", "somebody"));
    EXPECT_FALSE(
        testing::IsSuppressed(db, "other", "ann@a.example", "somebody"));
  });
}

TEST_F(DispatcherTest, ATemporaryOutcomeIsTriedAgain) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kTemporary, "HTTP 500"},
                      {OutcomeClass::kTemporary, "HTTP 500"}};
  EXPECT_EQ(SendDue().retried, 1);
  TouchRow row = Row("ann");
  EXPECT_EQ(row.state, TouchState::kPlanned);
  EXPECT_GT(row.due_at, kSlot);
  EXPECT_LE(row.due_at, kSlot + 1001ms);
  EXPECT_EQ(adapter_->sent.size(), 1) << "not again at the same instant";

  clock_.now = row.due_at;
  EXPECT_EQ(SendDue().retried, 1);
  row = Row("ann");
  EXPECT_LE(row.due_at, clock_.now + 2001ms);
  clock_.now = row.due_at;
  EXPECT_EQ(SendDue().accepted, 1);
  ASSERT_EQ(adapter_->sent.size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(adapter_->sent[i].touch_id, "touch-ann") << "the same key";
    EXPECT_EQ(adapter_->sent[i].attempt, i + 1);
  }
}

TEST_F(DispatcherTest, RetryAfterWins) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kTemporary, "HTTP 429", "", 7min}};
  SendDue();
  EXPECT_EQ(Row("ann").due_at, kSlot + 7min);
}

TEST_F(DispatcherTest, AWaitBeyondTheEndDropsTheTouchAtItsEnd) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kTemporary, "HTTP 429", "", 48h}};
  SendDue();
  EXPECT_EQ(Row("ann").due_at, kSlot + 24h + 1ms);
  clock_.now = kSlot + 24h + 1ms;
  const DispatchSummary summary = SendDue();
  EXPECT_EQ(summary.dropped, 1);
  EXPECT_EQ(StateOf("ann"), "dropped");
  EXPECT_EQ(Row("ann").reason, "expired");
  EXPECT_EQ(adapter_->sent.size(), 1);
}

// A clock that runs on: what was put back is due again within the call.
TEST_F(DispatcherTest, EndsWhereNothingGetsThrough) {
  class RunningClock : public Clock {
   public:
    Instant Now() const override { return now_ += 10s; }

   private:
    mutable Instant now_ = kSlot;
  };
  UseAdapter(false, 4);
  PlanMany(6);
  for (int i = 0; i < 1000; ++i) {
    adapter_->script.push_back({OutcomeClass::kTemporary, "HTTP 500"});
  }
  RunningClock clock;
  Dispatcher dispatcher(engine_.engine(), clock);
  const auto summary = dispatcher.SendDue(channel_, Control());
  EXPECT_GE(summary.retried, 6);
  EXPECT_LE(adapter_->sent.size(), 24);
}

TEST_F(DispatcherTest, AnAccountErrorOpensTheCircuit) {
  UseAdapter(false, 2);
  PlanMany(60);
  adapter_->script.assign(60, {OutcomeClass::kAccount, "HTTP 401"});
  const DispatchSummary summary = SendDue();
  EXPECT_EQ(summary.accepted, 0);
  EXPECT_EQ(StateOf("u0"), "planned");
  EXPECT_EQ(Row("u0").due_at, kSlot + 5min);
  EXPECT_EQ(StateOf("u59"), "planned");
  EXPECT_EQ(Row("u59").attempts, 0) << "claimed ahead at most";
  ASSERT_EQ(OpenCircuits().count("mail"), 1);
  EXPECT_EQ(OpenCircuits().at("mail").reason, "HTTP 401");
  EXPECT_EQ(OpenCircuits().at("mail").until, kSlot + 5min);

  const size_t sent = adapter_->sent.size();
  clock_.now = kSlot + 5min - 1ms;
  SendDue();
  EXPECT_EQ(adapter_->sent.size(), sent) << "still open";

  clock_.now = kSlot + 5min;
  SendDue();
  EXPECT_EQ(adapter_->sent.size(), sent + 1) << "one touch feels its way";
  EXPECT_EQ(OpenCircuits().at("mail").until, kSlot + 10min);

  clock_.now = kSlot + 10min;
  adapter_->script.clear();
  EXPECT_EQ(SendDue().accepted, 60);
  EXPECT_TRUE(OpenCircuits().empty());
}

TEST_F(DispatcherTest, ARunOfTemporaryFailuresOpensTheCircuit) {
  UseAdapter();
  channel_.delivery.circuit = {10, 60s};
  PlanMany(2000);
  adapter_->script.assign(4000, {OutcomeClass::kTemporary, "HTTP 503"});
  SendDue();
  EXPECT_LT(adapter_->sent.size(), 1500) << "it did not try them all";
  ASSERT_EQ(OpenCircuits().count("mail"), 1);
  EXPECT_EQ(OpenCircuits().at("mail").until, kSlot + 1min);
  adapter_->script.clear();
  clock_.now = kSlot + 10min;
  EXPECT_EQ(SendDue().accepted, 2000) << "it recovers by itself";
}

// One recipient at whom the receiver always stumbles: everybody else is served,
// again and again.
TEST_F(DispatcherTest, APoisonousRecipientHarmsNobodyElse) {
  UseAdapter();
  channel_.delivery.circuit = {3, 60s};
  Plan("poison");
  adapter_->by_user["poison"] = {OutcomeClass::kTemporary, "HTTP 500", "",
                                 30min};
  for (int round = 0; round < 30; ++round) {
    Plan("u" + std::to_string(round));
    clock_.now += 30min;
    EXPECT_EQ(SendDue().accepted, 1) << round;
  }
  EXPECT_TRUE(OpenCircuits().empty());
  EXPECT_GT(adapter_->SentTo("poison"), 20);
}

TEST_F(DispatcherTest, AHugeRuleDoesNotStarveAnother) {
  UseAdapter();
  for (int i = 0; i < 400; ++i) Plan("b" + std::to_string(i), "big");
  for (int i = 0; i < 5; ++i) Plan("s" + std::to_string(i), "small");
  SendDue();
  ASSERT_EQ(adapter_->sent.size(), 405);
  size_t last_small = 0;
  for (size_t i = 0; i < adapter_->sent.size(); ++i) {
    if (adapter_->sent[i].rule_id == "small") last_small = i;
  }
  EXPECT_LT(last_small, 100);
}

TEST_F(DispatcherTest, ARateIsKept) {
  UseAdapter(false, 8);
  channel_.delivery.per_second = 100;
  PlanMany(60);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(SendDue().accepted, 60);
  // Ten gather at most; a slow machine is only slower.
  EXPECT_GE(std::chrono::steady_clock::now() - began, 490ms);
}

// What waits for its turn is planned: a crash leaves it as it is, and a consent
// withdrawn meanwhile is heeded.
TEST_F(DispatcherTest, ASlowRateClaimsWhatLeavesNowOnly) {
  UseAdapter();
  channel_.delivery.per_second = 2;
  PlanMany(3);
  std::vector<int64_t> planned;  // as each of them leaves
  adapter_->seen = [&](const ClaimedTouch&) {
    planned.push_back(engine_.engine().ledger().CountTouches(
        {.state = TouchState::kPlanned}));
  };
  EXPECT_EQ(SendDue().accepted, 3);
  EXPECT_EQ(planned, (std::vector<int64_t>{2, 1, 0}));
}

TEST_F(DispatcherTest, ADaysAllowanceIsKeptAcrossRestarts) {
  UseAdapter();
  channel_.delivery.per_day = 7;
  PlanMany(10);
  EXPECT_EQ(SendDue().accepted, 7);
  Dispatcher restarted(engine_.engine(), clock_);
  EXPECT_EQ(restarted.SendDue(channel_, Control()).accepted, 0);
  clock_.now += 22h;  // past midnight, before they expire
  EXPECT_EQ(restarted.SendDue(channel_, Control()).accepted, 3);
}

TEST_F(DispatcherTest, OutsideItsHoursAChannelWaits) {
  UseAdapter();
  channel_.delivery.hours = DaySpan::Parse("08:00-21:00");
  Plan("ann");  // 02:00
  EXPECT_EQ(SendDue().accepted, 0);
  EXPECT_EQ(Row("ann").due_at, kSlot + 6h);
  clock_.now = kSlot + 6h;
  EXPECT_EQ(SendDue().accepted, 1);
}

TEST_F(DispatcherTest, APausedChannelSendsNothingUntilItIsResumed) {
  UseAdapter();
  Plan("ann");
  ChannelBook& book = engine_.engine().ledger().channels();
  book.Hold("mail", HoldMode::kPaused, "kim", kSlot);
  EXPECT_EQ(SendDue().accepted, 0);
  EXPECT_TRUE(book.Resume("mail", "kim", kSlot));
  EXPECT_FALSE(book.Resume("mail", "kim", kSlot));
  EXPECT_EQ(SendDue().accepted, 1);
}

TEST_F(DispatcherTest, ADrainingChannelSendsWhatWasPlannedBefore) {
  UseAdapter();
  Plan("ann");
  engine_.engine().ledger().channels().Hold("mail", HoldMode::kDraining, "kim",
                                            kSlot - 1ms);
  EXPECT_EQ(SendDue().accepted, 0) << "planned later";
  engine_.engine().ledger().channels().Hold("mail", HoldMode::kDraining, "kim",
                                            kSlot);
  EXPECT_EQ(SendDue().accepted, 1);
}

TEST_F(DispatcherTest, TouchesOfAChannelThatDoesNotSendExpire) {
  UseAdapter();
  Plan("ann");
  engine_.engine().ledger().channels().Hold("mail", HoldMode::kPaused, "kim",
                                            kSlot);
  clock_.now += 24h;
  EXPECT_EQ(SendDue().dropped, 0) << "its last instant";
  clock_.now += 2min;
  EXPECT_EQ(SendDue().dropped, 1);
  EXPECT_EQ(Row("ann").reason, "expired");
}

// The wall clock jumps by an hour under way, either way.
TEST_F(DispatcherTest, AClockThatJumps) {
  for (const auto jump : {1h, -1h}) {
    UseAdapter(false, 4);
    const std::string prefix = jump > 0h ? "f" : "b";
    for (int i = 0; i < 30; ++i) Plan(prefix + std::to_string(i));
    clock_.now = kSlot;
    adapter_->seen = [&](const ClaimedTouch&) {
      if (adapter_->sent.size() == 10) jump_ = jump;
    };
    class JumpingClock : public Clock {
     public:
      explicit JumpingClock(const std::atomic<std::chrono::hours>& jump)
          : jump_(jump) {}
      Instant Now() const override { return kSlot + jump_.load(); }

     private:
      const std::atomic<std::chrono::hours>& jump_;
    } clock(jump_);
    jump_ = 0h;
    Dispatcher dispatcher(engine_.engine(), clock);
    dispatcher.SendDue(channel_, Control());
    jump_ = 0h;
    dispatcher.SendDue(channel_, Control());
    EXPECT_EQ(adapter_->sent.size(), 30) << "nobody twice, nobody left out";
    for (int i = 0; i < 30; ++i) {
      EXPECT_EQ(StateOf(prefix + std::to_string(i)), "accepted");
    }
  }
}

TEST_F(DispatcherTest, ACircuitDoesNotWaitForAClockThatWasSetBack) {
  UseAdapter();
  Plan("ann");
  Plan("bob");
  adapter_->script = {{OutcomeClass::kAccount, "HTTP 401"}};
  SendDue();
  clock_.now -= 1h;
  EXPECT_TRUE(OpenCircuits().empty()) << "one is tried";
}

TEST_F(DispatcherTest, CountsAndCosts) {
  UseAdapter();
  channel_.delivery.cost = 50'000;
  Plan("ann");
  Plan("bob");
  Plan("cora");
  adapter_->by_user["bob"] = {OutcomeClass::kBadMessage, "HTTP 400"};
  SendDue();
  const auto counts =
      engine_.engine().ledger().channels().Counts(kSlot - 1h, kSlot + 1h);
  ASSERT_EQ(counts.count("mail"), 1);
  EXPECT_EQ(counts.at("mail").handed, 3);
  EXPECT_EQ(
      counts.at("mail").by_outcome,
      (std::map<std::string, int64_t>{{"accepted", 2}, {"bad_message", 1}}));
  EXPECT_EQ(counts.at("mail").cost, 100'000);
  const ChannelStatus status = dispatcher_.Statuses().at("mail");
  EXPECT_EQ(status.stats.count(), 3);
  EXPECT_DOUBLE_EQ(status.stats.cost, 0.1);
}

TEST_F(DispatcherTest, TheProviderSaysHowLongTheCircuitStaysOpen) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kAccount, "HTTP 403", "", 1h}};
  SendDue();
  EXPECT_EQ(OpenCircuits().at("mail").until, kSlot + 1h);
  EXPECT_EQ(Row("ann").due_at, kSlot + 1h);
}

TEST_F(DispatcherTest, OneChannelsCircuitIsNotAnothers) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kAccount, "HTTP 401"}};
  const Channel other = {"other", "fake", adapter_, {}};
  dispatcher_.SendDue(other, Control());
  EXPECT_EQ(adapter_->sent.size(), 0) << "the touch is mail's";
  SendDue();
  EXPECT_EQ(OpenCircuits().count("other"), 0);
}

TEST_F(DispatcherTest, UnknownStaysUnknownWhereNobodyDeduplicates) {
  UseAdapter(false);
  Plan("ann");
  adapter_->script = {{OutcomeClass::kUnknown, "no answer"}};
  EXPECT_EQ(SendDue().unknown, 1);
  EXPECT_EQ(StateOf("ann"), "unknown");
  clock_.now += 2h;
  SendDue();
  EXPECT_EQ(adapter_->sent.size(), 1);
}

TEST_F(DispatcherTest, UnknownIsSentAgainWhereTheProviderDeduplicates) {
  UseAdapter(true);
  Plan("ann");
  adapter_->script = {{OutcomeClass::kUnknown, "no answer"}};
  EXPECT_EQ(SendDue().unknown, 1);
  EXPECT_EQ(StateOf("ann"), "unknown");
  EXPECT_EQ(adapter_->sent.size(), 1) << "not at once";
  clock_.now += 2h;
  EXPECT_EQ(SendDue().accepted, 1);
  ASSERT_EQ(adapter_->sent.size(), 2);
  EXPECT_EQ(adapter_->sent[1].touch_id, adapter_->sent[0].touch_id);
  EXPECT_EQ(StateOf("ann"), "accepted");
}

TEST_F(DispatcherTest, AnAdapterThatSaysNothingLosesNothing) {
  UseAdapter();
  Plan("ann");
  adapter_->silent = true;
  EXPECT_EQ(SendDue().unknown, 1);
  EXPECT_EQ(Row("ann").state, TouchState::kUnknown);
  EXPECT_EQ(Row("ann").detail, "the adapter gave no outcome");
}

TEST_F(DispatcherTest, AnAdapterThatThrowsLosesNothing) {
  UseAdapter();
  Plan("ann");
  adapter_->throws = true;
  EXPECT_EQ(SendDue().unknown, 1);
  EXPECT_EQ(Row("ann").detail, "the adapter failed: out of order");
}

TEST_F(DispatcherTest, TheFirstOutcomeOfATouchCounts) {
  UseAdapter();
  Plan("ann");
  adapter_->talkative = true;
  EXPECT_EQ(SendDue().accepted, 1);
  EXPECT_EQ(StateOf("ann"), "accepted");
}

TEST_F(DispatcherTest, DroppedAreCounted) {
  UseAdapter();
  Plan("ann");
  Plan("bob");
  engine_.Did("ann", "app_open", "2026-02-01T02:30:00Z");
  clock_.now = kSlot + 1h;
  const DispatchSummary summary = SendDue();
  EXPECT_EQ(summary.dropped, 1);
  EXPECT_EQ(summary.accepted, 1);
  EXPECT_EQ(StateOf("ann"), "dropped");
  EXPECT_EQ(Row("ann").reason, "came_back");
}

}  // namespace
}  // namespace rekindle
