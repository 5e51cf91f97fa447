// The dispatcher with a scripted adapter, an engine and a clock of its own.
#include "channels/dispatcher.h"

#include <gtest/gtest.h>

#include <deque>

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
  void Send(std::span<const ClaimedTouch> touches,
            const std::function<void(size_t, Outcome)>& report) override {
    batches.push_back(touches.size());
    for (size_t i = 0; i < touches.size(); ++i) {
      sent.push_back(touches[i]);
      if (silent) continue;
      Outcome outcome;
      if (!script.empty()) {
        outcome = script.front();
        script.pop_front();
      }
      report(i, outcome);
      if (talkative) report(i, {OutcomeClass::kBadMessage, "again"});
    }
    if (throws) throw std::runtime_error("out of order");
  }

  std::deque<Outcome> script;
  std::vector<ClaimedTouch> sent;
  std::vector<size_t> batches;
  bool silent = false;
  bool talkative = false;
  bool throws = false;

 private:
  const AdapterTraits traits_;
};

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest()
      : engine_("behaviors: {app_open: {event: app_open}}\n"),
        dispatcher_(engine_.engine(), clock_) {}

  void UseAdapter(bool deduplicates = false, int batch = 64) {
    AdapterTraits traits;
    traits.address_field = "email";
    traits.deduplicates = deduplicates;
    traits.batch = batch;
    adapter_ = std::make_shared<ScriptedAdapter>(traits);
    channel_ = {"mail", "fake", adapter_};
  }

  // A user with a planned touch of the mail channel, due at the slot.
  std::string Plan(const std::string& user) {
    engine_.Did(user, "app_open", "2026-01-01T00:00:00Z");
    engine_.Profile(user, "{\"email\": \"" + user + "@a.example\"}");
    Touch touch;
    touch.touch_id = "touch-" + user;
    touch.rule_id = "wake";
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

  DispatchSummary Drain() {
    return dispatcher_.Drain(channel_, {"wake"}, [] { return false; });
  }
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
};

TEST_F(DispatcherTest, SendsWhatIsDueAndRecordsIt) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kAccepted, "250 ok", "Q1"}};
  const DispatchSummary summary = Drain();
  EXPECT_EQ(summary.accepted, 1);
  ASSERT_EQ(adapter_->sent.size(), 1);
  EXPECT_EQ(adapter_->sent[0].touch_id, "touch-ann");
  EXPECT_EQ(adapter_->sent[0].address, "ann@a.example");
  EXPECT_EQ(adapter_->sent[0].attempt, 1);
  EXPECT_EQ(StateOf("ann"), "accepted");
  Drain();
  EXPECT_EQ(adapter_->sent.size(), 1) << "once is enough";
}

TEST_F(DispatcherTest, BatchesOfTheAdaptersSize) {
  UseAdapter(false, 4);
  PlanMany(10);
  EXPECT_EQ(Drain().accepted, 10);
  EXPECT_EQ(adapter_->batches, (std::vector<size_t>{4, 4, 2}));
}

TEST_F(DispatcherTest, StopsBetweenBatches) {
  UseAdapter(false, 4);
  PlanMany(10);
  int asked = 0;
  const auto summary =
      dispatcher_.Drain(channel_, {"wake"}, [&] { return ++asked > 2; });
  EXPECT_EQ(summary.accepted, 4);
  EXPECT_EQ(StateOf("u9"), "planned");
}

TEST_F(DispatcherTest, ABadMessageFails) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kBadMessage, "HTTP 400: no title"}};
  EXPECT_EQ(Drain().failed, 1);
  const TouchRow row = Row("ann");
  EXPECT_EQ(row.state, TouchState::kFailed);
  EXPECT_EQ(row.reason, "bad_message");
  EXPECT_EQ(row.detail, "HTTP 400: no title");
}

TEST_F(DispatcherTest, ADeadRecipientIsSuppressedForTheChannel) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kDeadRecipient, "550 5.1.1"}};
  EXPECT_EQ(Drain().failed, 1);
  EXPECT_EQ(Row("ann").reason, "dead_recipient");
  engine_.engine().store().Read([](SQLite::Database& db) {
    EXPECT_TRUE(
        Consents::IsSuppressed(db, "mail", "ann@a.example", "somebody"));
    EXPECT_FALSE(
        Consents::IsSuppressed(db, "other", "ann@a.example", "somebody"));
  });
}

TEST_F(DispatcherTest, ATemporaryOutcomeIsTriedAgain) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kTemporary, "HTTP 500"},
                      {OutcomeClass::kTemporary, "HTTP 500"}};
  EXPECT_EQ(Drain().retried, 1);
  TouchRow row = Row("ann");
  EXPECT_EQ(row.state, TouchState::kPlanned);
  EXPECT_GT(row.due_at, kSlot);
  EXPECT_LE(row.due_at, kSlot + 1001ms);
  EXPECT_EQ(adapter_->sent.size(), 1) << "not again at the same instant";

  clock_.now = row.due_at;
  EXPECT_EQ(Drain().retried, 1);
  row = Row("ann");
  EXPECT_LE(row.due_at, clock_.now + 2001ms);
  clock_.now = row.due_at;
  EXPECT_EQ(Drain().accepted, 1);
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
  Drain();
  EXPECT_EQ(Row("ann").due_at, kSlot + 7min);
}

TEST_F(DispatcherTest, AWaitBeyondTheEndDropsTheTouchAtItsEnd) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kTemporary, "HTTP 429", "", 48h}};
  Drain();
  EXPECT_EQ(Row("ann").due_at, kSlot + 24h + 1ms);
  clock_.now = kSlot + 24h + 1ms;
  const DispatchSummary summary = Drain();
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
  const auto summary =
      dispatcher.Drain(channel_, {"wake"}, [] { return false; });
  EXPECT_GE(summary.retried, 6);
  EXPECT_LE(adapter_->batches.size(), 4);
}

TEST_F(DispatcherTest, AnAccountErrorOpensTheCircuit) {
  UseAdapter(false, 2);
  PlanMany(6);
  adapter_->script = {{OutcomeClass::kAccount, "HTTP 401"}};
  const DispatchSummary summary = Drain();
  EXPECT_EQ(summary.retried, 1);
  EXPECT_EQ(summary.accepted, 1);
  EXPECT_EQ(adapter_->sent.size(), 2) << "the channel is left alone";
  EXPECT_EQ(StateOf("u0"), "planned");
  EXPECT_EQ(Row("u0").due_at, kSlot + 5min);
  ASSERT_EQ(dispatcher_.OpenCircuits().count("mail"), 1);
  EXPECT_EQ(dispatcher_.OpenCircuits().at("mail").reason, "HTTP 401");
  EXPECT_EQ(dispatcher_.OpenCircuits().at("mail").until, kSlot + 5min);

  clock_.now = kSlot + 5min - 1ms;
  Drain();
  EXPECT_EQ(adapter_->sent.size(), 2) << "still open";

  clock_.now = kSlot + 5min;
  adapter_->script = {{OutcomeClass::kAccount, "HTTP 401"}};
  Drain();
  EXPECT_EQ(adapter_->sent.size(), 3) << "one touch feels its way";
  EXPECT_EQ(dispatcher_.OpenCircuits().at("mail").until, kSlot + 10min);

  clock_.now = kSlot + 10min;
  EXPECT_EQ(Drain().accepted, 5);
  EXPECT_EQ(adapter_->batches, (std::vector<size_t>{2, 1, 1, 2, 2}));
  EXPECT_TRUE(dispatcher_.OpenCircuits().empty());
}

TEST_F(DispatcherTest, TheProviderSaysHowLongTheCircuitStaysOpen) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kAccount, "HTTP 403", "", 1h}};
  Drain();
  EXPECT_EQ(dispatcher_.OpenCircuits().at("mail").until, kSlot + 1h);
  EXPECT_EQ(Row("ann").due_at, kSlot + 1h);
}

TEST_F(DispatcherTest, OneChannelsCircuitIsNotAnothers) {
  UseAdapter();
  Plan("ann");
  adapter_->script = {{OutcomeClass::kAccount, "HTTP 401"}};
  const Channel other = {"other", "fake", adapter_};
  dispatcher_.Drain(other, {"wake"}, [] { return false; });
  EXPECT_EQ(adapter_->sent.size(), 0) << "the touch is mail's";
  Drain();
  EXPECT_EQ(dispatcher_.OpenCircuits().count("other"), 0);
}

TEST_F(DispatcherTest, UnknownStaysUnknownWhereNobodyDeduplicates) {
  UseAdapter(false);
  Plan("ann");
  adapter_->script = {{OutcomeClass::kUnknown, "no answer"}};
  EXPECT_EQ(Drain().unknown, 1);
  EXPECT_EQ(StateOf("ann"), "unknown");
  clock_.now += 2h;
  Drain();
  EXPECT_EQ(adapter_->sent.size(), 1);
}

TEST_F(DispatcherTest, UnknownIsSentAgainWhereTheProviderDeduplicates) {
  UseAdapter(true);
  Plan("ann");
  adapter_->script = {{OutcomeClass::kUnknown, "no answer"}};
  EXPECT_EQ(Drain().unknown, 1);
  EXPECT_EQ(StateOf("ann"), "unknown");
  EXPECT_EQ(adapter_->sent.size(), 1) << "not at once";
  clock_.now += 2h;
  EXPECT_EQ(Drain().accepted, 1);
  ASSERT_EQ(adapter_->sent.size(), 2);
  EXPECT_EQ(adapter_->sent[1].touch_id, adapter_->sent[0].touch_id);
  EXPECT_EQ(StateOf("ann"), "accepted");
}

TEST_F(DispatcherTest, AnAdapterThatSaysNothingLosesNothing) {
  UseAdapter();
  Plan("ann");
  adapter_->silent = true;
  EXPECT_EQ(Drain().unknown, 1);
  EXPECT_EQ(Row("ann").state, TouchState::kUnknown);
  EXPECT_EQ(Row("ann").detail, "the adapter gave no outcome");
}

TEST_F(DispatcherTest, AnAdapterThatThrowsLosesNothing) {
  UseAdapter();
  Plan("ann");
  adapter_->silent = adapter_->throws = true;
  EXPECT_EQ(Drain().unknown, 1);
  EXPECT_EQ(Row("ann").detail, "the adapter failed: out of order");
}

TEST_F(DispatcherTest, TheFirstOutcomeOfATouchCounts) {
  UseAdapter();
  Plan("ann");
  adapter_->talkative = true;
  EXPECT_EQ(Drain().accepted, 1);
  EXPECT_EQ(StateOf("ann"), "accepted");
}

TEST_F(DispatcherTest, DroppedAreCounted) {
  UseAdapter();
  Plan("ann");
  Plan("bob");
  engine_.Did("ann", "app_open", "2026-02-01T02:30:00Z");
  clock_.now = kSlot + 1h;
  const DispatchSummary summary = Drain();
  EXPECT_EQ(summary.dropped, 1);
  EXPECT_EQ(summary.accepted, 1);
  EXPECT_EQ(StateOf("ann"), "dropped");
  EXPECT_EQ(Row("ann").reason, "came_back");
}

TEST_F(DispatcherTest, AManyThousandBatchEnds) {
  UseAdapter(false, 1000);
  PlanMany(300);
  EXPECT_EQ(Drain().accepted, 300);
  EXPECT_EQ(adapter_->batches, std::vector<size_t>{300});
}

}  // namespace
}  // namespace rekindle
