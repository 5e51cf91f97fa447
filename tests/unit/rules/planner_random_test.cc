// Random rule sets over random histories: what holds for all of them. A run in
// CI makes a few worlds; REKINDLE_WORLDS=1000 as many as one likes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "tests/unit/rules/planner_world.h"
#include "tests/unit/rules/random_world.h"

namespace rekindle {
namespace {

using testing::kRandomSettings;
using testing::kRandomTemplates;
using testing::RandomRules;
using testing::RandomUser;
using testing::RandomUsers;
using testing::TakeAll;
using testing::WakeRule;
using testing::World;
using testing::WorldCount;

constexpr const char* kTimes[] = {
    "2026-03-20T10:05:00+08:00", "2026-03-20T12:00:00+08:00",
    "2026-03-21T10:00:00+08:00", "2026-03-23T23:00:00+08:00"};

// One random world: rules, and users still to be brought in.
struct Random {
  explicit Random(uint32_t seed)
      : random(seed),
        rules(RandomRules(random)),
        world(
            std::make_unique<World>(rules, kRandomTemplates, kRandomSettings)),
        users(RandomUsers(*world, random, 40)) {}

  std::mt19937 random;
  std::string rules;
  std::unique_ptr<World> world;
  std::vector<RandomUser> users;
};

// Everything a plan decides of everybody, by user id.
std::string Whole(World& world, const SlotPlan& plan) {
  std::vector<std::string> lines;
  for (const Candidate& c : plan.candidates) {
    std::string line =
        fmt::format("  {} {} {}", world.Line(plan, c),
                    TemplateOf(*plan.rule, c), ToMillis(c.due_at));
    for (const std::string& channel : c.channels.Names(*plan.rule)) {
      line += " " + channel;
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string text =
      fmt::format("{} {} {} {}\n", plan.rule_id, static_cast<int>(plan.verdict),
                  ReasonCode(plan.reason), plan.eligible);
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string Whole(World& world, const std::vector<SlotPlan>& plans) {
  std::string text;
  for (const SlotPlan& plan : plans) text += Whole(world, plan);
  return text;
}

// Every row of the ledger with its texts, by touch id.
std::string LedgerOf(World& world) {
  return world.engine().store().Read([&](SQLite::Database& db) {
    SQLite::Statement get(
        db,
        "SELECT touch_id, rule_id, slot, planned_at, due_at, expires_at, arm, "
        "variant, channel, fallbacks, template_id, state, "
        "coalesce(contents, '') FROM touches LEFT JOIN touch_contents ON "
        "touch = id ORDER BY touch_id");
    std::string text;
    while (get.executeStep()) {
      for (int i = 0; i < get.getColumnCount(); ++i) {
        text += get.getColumn(i).getString() + " ";
      }
      text += "\n";
    }
    return text;
  });
}

std::string RunAll(World& world) {
  std::string text;
  for (const char* at : kTimes) text += Whole(world, world.Run(at));
  return text;
}

class RandomPlans : public ::testing::Test {
 protected:
  // f(random world) for each.
  template <class F>
  static void ForEachWorld(int otherwise, F&& f) {
    const int worlds = WorldCount(otherwise);
    for (int seed = 1; seed <= worlds && !HasFailure(); ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      Random made(static_cast<uint32_t>(seed));
      f(made);
    }
  }
};

TEST_F(RandomPlans, APlanIsWhatARunThenDoesRowForRow) {
  std::set<std::string> reasons;
  ForEachWorld(40, [&](Random& made) {
    World& world = *made.world;
    TakeAll(world, made.users);
    for (const char* at : kTimes) {
      SCOPED_TRACE(at);
      const std::string before = LedgerOf(world);
      const auto plans = world.Plan(at);
      EXPECT_EQ(LedgerOf(world), before) << "a plan writes nothing";
      const auto runs = world.Run(at);
      ASSERT_EQ(plans.size(), runs.size());
      for (size_t i = 0; i < plans.size(); ++i) {
        // What the guard had stopped before is not worked out again.
        if (plans[i].verdict == SlotVerdict::kStopped &&
            runs[i].candidates.empty()) {
          EXPECT_EQ(runs[i].reason, plans[i].reason);
          continue;
        }
        EXPECT_EQ(Whole(world, runs[i]), Whole(world, plans[i]));
        for (const auto& [reason, n] : runs[i].SkippedByReason()) {
          reasons.insert(reason);
        }
        if (runs[i].verdict == SlotVerdict::kStopped) {
          reasons.emplace(ReasonCode(runs[i].reason));
        }
      }
    }
  });
  // The worlds were rich enough to mean something.
  for (const char* reason :
       {"repeat", "no_consent", "no_address", "missing_variable", "ramp",
        "per_run", "outranked", "capped", "outside_window", "holiday",
        "blast_guard"}) {
    EXPECT_TRUE(reasons.contains(reason)) << reason;
  }
}

TEST_F(RandomPlans, RunningTwiceSendsNothingMore) {
  ForEachWorld(20, [](Random& made) {
    World& world = *made.world;
    TakeAll(world, made.users);
    for (const char* at : kTimes) {
      world.Run(at);
      const std::string once = LedgerOf(world);
      for (const SlotPlan& plan : world.Run(at)) {
        EXPECT_NE(plan.verdict, SlotVerdict::kWorked) << plan.rule_id;
      }
      EXPECT_EQ(LedgerOf(world), once);
    }
  });
}

// The writer's connection gives up after so many steps of the database.
class Cut {
 public:
  Cut(World& world, int steps) : world_(world) { Set(steps); }
  ~Cut() { Set(0); }
  Cut(const Cut&) = delete;
  Cut& operator=(const Cut&) = delete;

 private:
  void Set(int steps) {
    world_.engine().store().Write([&](SQLite::Database& db) {
      sqlite3_progress_handler(db.getHandle(), steps,
                               steps == 0 ? nullptr : &GiveUp, nullptr);
    });
  }
  static int GiveUp(void*) { return 1; }

  World& world_;
};

TEST_F(RandomPlans, ASlotCutAnywhereIsTheSameInTheEnd) {
  int cut = 0;
  ForEachWorld(20, [&](Random& made) {
    TakeAll(*made.world, made.users);
    World whole(made.rules, kRandomTemplates, kRandomSettings);
    TakeAll(whole, made.users);
    for (const char* at : kTimes) {
      SCOPED_TRACE(at);
      try {
        Cut here(*made.world, 20 + static_cast<int>(made.random() % 4000));
        made.world->Run(at);
      } catch (const SQLite::Exception&) {
        ++cut;
      }
      if (made.random() % 2 == 0) made.world->Restart();
      made.world->Run(at);
      whole.Run(at);
      EXPECT_EQ(LedgerOf(*made.world), LedgerOf(whole));
    }
  });
  EXPECT_GT(cut, 5) << "the cuts hit something";
}

TEST_F(RandomPlans, TheOrderOfUsersAndTheBatchSizeChangeNothing) {
  ForEachWorld(20, [](Random& made) {
    TakeAll(*made.world, made.users);
    const std::string decided = RunAll(*made.world);
    const std::string ledger = LedgerOf(*made.world);
    std::shuffle(made.users.begin(), made.users.end(), made.random);
    World other(made.rules, kRandomTemplates, kRandomSettings);
    TakeAll(other, made.users, 1 + made.random() % 9);
    EXPECT_EQ(RunAll(other), decided);
    EXPECT_EQ(LedgerOf(other), ledger);
  });
}

// --- caps

struct Counted {
  UserNumber user;
  Instant at;
  std::string channel;
};

// The touches that count, as the ledger has them in the end.
std::vector<Counted> CountedTouches(World& world) {
  return world.engine().store().Read([](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT user, due_at, channel FROM touches WHERE "
                          "marketing = 1 AND state NOT IN ('failed', "
                          "'dropped')");
    std::vector<Counted> touches;
    while (get.executeStep()) {
      touches.push_back({get.getColumn(0).getUInt(),
                         FromMillis(get.getColumn(1).getInt64()),
                         get.getColumn(2).getString()});
    }
    return touches;
  });
}

// The most touches of one user that one cap counted together, the slow way.
int64_t MostTogether(World& world, const Cap& cap) {
  int64_t most = 0;
  const auto touches = CountedTouches(world);
  for (const Counted& last : touches) {
    const Calendar& zone =
        world.engine().users().ZoneOf(last.user, world.calendar());
    int64_t together = 0;
    for (const Counted& other : touches) {
      if (other.user != last.user) continue;
      if (!cap.channel.empty() &&
          (other.channel != cap.channel || last.channel != cap.channel)) {
        continue;
      }
      together += cap.per
                      ? PeriodOf(zone.DayOf(other.at), *cap.per) ==
                            PeriodOf(zone.DayOf(last.at), *cap.per)
                      : other.at <= last.at && other.at > last.at - cap.within;
    }
    most = std::max(most, together);
  }
  return most;
}

// Some touches fail, some are dropped, some go through their second channel.
void Deliver(World& world, std::mt19937& random) {
  world.engine().store().Write([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT id, fallbacks FROM touches WHERE state = "
                          "'planned' ORDER BY touch_id");
    std::vector<std::pair<int64_t, std::string>> planned;
    while (get.executeStep()) {
      planned.emplace_back(get.getColumn(0).getInt64(),
                           get.getColumn(1).getString());
    }
    for (const auto& [id, fallbacks] : planned) {
      const char* states[] = {"accepted", "accepted", "accepted", "failed",
                              "dropped",  "planned",  "unknown"};
      SQLite::Statement put(
          db,
          "UPDATE touches SET state = ?, channel = coalesce(?, channel) "
          "WHERE id = ?");
      put.bind(1, std::string(states[random() % 7]));
      if (!fallbacks.empty() && random() % 3 == 0) {
        put.bind(2, fallbacks.substr(0, fallbacks.find(';')));
      }
      put.bind(3, id);
      put.exec();
    }
  });
}

TEST_F(RandomPlans, NoUserExceedsACapUnderEightRulesAtOnce) {
  const std::string caps[] = {
      "{max: 1, per: day}",
      "{max: 2, per: day}, {channel: push, max: 1, per: day}",
      "{max: 3, within: 3 days}, {channel: mail, max: 1, within: 40 hours}",
      "{max: 4, per: week}, {channel: push, max: 2, per: month}"};
  int64_t touches = 0;
  std::set<int64_t> reached;
  for (size_t i = 0; i < std::size(caps); ++i) {
    SCOPED_TRACE(caps[i]);
    std::mt19937 random(static_cast<uint32_t>(i + 1));
    std::string rules = "caps: [" + caps[i] + "]\nrules:\n";
    const char* windows[] = {"", "\nwindow: 09:00-21:00",
                             "\nwindow: 20:00-11:00"};
    const char* channels[] = {"push", "mail", "[push, mail]", "[mail, push]"};
    for (int rule = 0; rule < 8; ++rule) {
      std::string text = WakeRule(
          "r" + std::to_string(rule),
          fmt::format("limits: {{every: 1 minute}}\npriority: {}\nhold_out: "
                      "{}%{}",
                      rule % 3, rule % 2 == 0 ? 0 : 20, windows[rule % 3]),
          channels[rule % 4]);
      text.replace(text.find("daily 10:00"), 11,
                   fmt::format("every {} hours", 3 + rule % 4));
      rules += text;
    }
    World world(rules, testing::kPlainTemplates, kRandomSettings);
    TakeAll(world, RandomUsers(world, random, 25));
    for (int day = 18; day <= 27; ++day) {
      for (int hour : {1, 8, 15, 22}) {
        world.Run(fmt::format("2026-03-{}T{:02}:00:00+08:00", day, hour));
        Deliver(world, random);
        for (const Cap& cap : world.rules().caps) {
          const int64_t most = MostTogether(world, cap);
          ASSERT_LE(most, cap.max) << "on the " << day << "th at " << hour;
          if (most == cap.max) reached.insert(most);
        }
      }
    }
    touches += static_cast<int64_t>(CountedTouches(world).size());
  }
  EXPECT_GT(touches, 500);
  EXPECT_GE(reached.size(), 3u) << "the caps were reached";
}

// --- hold-outs, as the pipeline writes them

TEST_F(RandomPlans, HoldOutSharesLieInTheirBinomialInterval) {
  World world("hold_out: {share: 10%, salt: s}\ncaps: []\nrules:\n" +
              WakeRule("one", "hold_out: 25%") +
              WakeRule("two", "hold_out: 25%"));
  constexpr int kUsers = 4000;
  world.Users(testing::UserNames(kUsers));
  std::map<std::string, std::vector<bool>> held;
  for (const SlotPlan& plan : world.Run(testing::kMarch20)) {
    for (const Candidate& c : plan.candidates) {
      held[plan.rule_id].push_back(c.decision == Decision::kHoldOut);
    }
  }
  // Global or the rule's own: 1 - 0.9 x 0.75. Both rules: the global ones, and
  // of the others those whom both draw.
  const double one = 1 - 0.9 * 0.75;
  const double both = 0.1 + 0.9 * 0.25 * 0.25;
  const auto near = [&](int64_t count, double share) {
    EXPECT_NEAR(static_cast<double>(count), kUsers * share,
                4.5 * std::sqrt(kUsers * share * (1 - share)));
  };
  int64_t together = 0;
  for (int i = 0; i < kUsers; ++i) {
    together += held["one"].at(i) && held["two"].at(i);
  }
  near(std::count(held["one"].begin(), held["one"].end(), true), one);
  near(std::count(held["two"].begin(), held["two"].end(), true), one);
  near(together, both);
}

}  // namespace
}  // namespace rekindle
