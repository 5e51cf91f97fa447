// The engine, as it is used (messages in order of arrival, reopened in the
// middle, behaviors changed on the way and filled back), against the slow
// reference, on random histories: late events, repeats, merges, zones with
// daylight saving, month ends, leap days, bare dates, registration before and
// after the first event.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "engine/engine.h"
#include "tests/support/reference/compare.h"
#include "tests/support/reference/random_history.h"
#include "tests/support/settings_text.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using reference::MakeRandomHistory;
using reference::RandomHistory;
using reference::Reference;

// Later than every event: nothing is rejected as lying in the future.
const Instant kNow = FromMillis(1'800'000'000'000);

// The settings with two behaviors that are less than they will be.
std::string Earlier(std::string settings) {
  for (const auto& [now, before] :
       {std::pair<std::string, std::string>{"[open, drive]", "open"},
        {"[shop, read]", "shop"}}) {
    settings.replace(settings.find(now), now.size(), before);
  }
  return settings;
}

class World {
 public:
  explicit World(const RandomHistory& history)
      : history_(history),
        settings_(testing::SettingsFrom(history.settings)),
        earlier_(testing::SettingsFrom(Earlier(history.settings))) {
    Open(earlier_, BackFill::kAtOnce);
  }

  // Hands over the messages in batches, closing the engine in between.
  void Play(std::mt19937_64& random) {
    size_t duplicates = 0;
    const std::span<const Message> all(history_.messages);
    for (size_t next = 0; next < all.size();) {
      const size_t n = std::min<size_t>(1 + random() % 40, all.size() - next);
      for (const IntakeOutcome& outcome :
           engine_->Append(all.subspan(next, n), kNow)) {
        EXPECT_NE(outcome.what, Intake::kRejected) << outcome.reason;
        duplicates += outcome.what == Intake::kDuplicate;
      }
      next += n;
      if (random() % 8 == 0) engine_->Checkpoint();
      const auto& settings = random() % 2 == 0 ? settings_ : earlier_;
      if (random() % 8 == 0) {
        Open(settings,
             random() % 2 == 0 ? BackFill::kAtOnce : BackFill::kInBackground);
      } else if (random() % 16 == 0) {
        engine_->Adopt(settings);
      }
    }
    engine_->Adopt(settings_);
    while (!engine_->CheckFilled()) std::this_thread::yield();
    EXPECT_EQ(duplicates, history_.duplicates);
  }

  const Engine& engine() const { return *engine_; }

 private:
  void Open(const std::shared_ptr<const EngineSettings>& settings,
            BackFill back_fill) {
    engine_.reset();
    auto opened = Engine::Open(dir_.path(), settings, back_fill);
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
  }

  const RandomHistory& history_;
  testing::TempDir dir_;
  std::shared_ptr<const EngineSettings> settings_, earlier_;
  std::unique_ptr<Engine> engine_;
};

struct NamedBehavior {
  const char* name;
  std::set<std::string> events;
};

const NamedBehavior kBehaviors[] = {{"busy", {"open", "drive"}},
                                    {"open", {"open"}},
                                    {"wares", {"shop", "read"}}};

void CompareAt(const RandomHistory& history, const Reference& reference,
               const Snapshot& facts, std::mt19937_64& random) {
  EXPECT_TRUE(facts.exact());
  EXPECT_EQ(CompareUsers(facts, reference), "");
  EXPECT_EQ(CompareFlows(facts, reference), "");
  EXPECT_EQ(CompareHistories(facts, reference), "");
  EXPECT_EQ(reference::CheckIdentities(facts), "");
  const NamedBehavior& behavior = kBehaviors[random() % 3];
  const BehaviorIndex index = *facts.settings().behaviors.Find(behavior.name);
  const auto unit = static_cast<PeriodUnit>(random() % 3);
  EXPECT_EQ(CompareRetention(facts, reference, unit, index, behavior.events),
            "");
  EXPECT_EQ(CompareRetention(facts, reference, unit, BehaviorSet::kActivity,
                             history.rules.activity),
            "");
  const auto length = (history.last - history.first).count();
  const LocalDay from = history.first + std::chrono::days(random() % length) -
                        std::chrono::days(9);
  const DayRange range{from, from + std::chrono::days(random() % length)};
  EXPECT_EQ(ComparePresence(facts, reference, index, behavior.events, range),
            "");
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(CompareCondition(facts, reference,
                               RandomCondition(history.rules, random)),
              "");
  }
}

void CheckSeed(uint64_t seed) {
  const RandomHistory history = MakeRandomHistory(seed);
  SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + history.settings);
  std::mt19937_64 random(seed);
  World world(history);
  world.Play(random);
  const Reference reference(history.rules, history.acts, history.created_at);
  for (Instant as_of : history.as_of) {
    SCOPED_TRACE("as of " + history.rules.calendar.Format(as_of));
    const auto facts = world.engine().At(as_of);
    CompareAt(history, reference, *facts, random);
    if (::testing::Test::HasFailure()) return;
  }
}

class RandomHistoriesTest : public ::testing::TestWithParam<int> {};

TEST_P(RandomHistoriesTest, EngineAgreesWithReference) {
  constexpr int kSeedsEach = 20;
  for (int i = 0; i < kSeedsEach && !HasFailure(); ++i) {
    CheckSeed(static_cast<uint64_t>(GetParam()) * kSeedsEach + i);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistoriesTest, ::testing::Range(0, 8));

}  // namespace
}  // namespace rekindle
