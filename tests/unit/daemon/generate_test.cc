#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/base/csv.h"
#include "config/base/hash.h"
#include "daemon/generate/car_app.h"
#include "engine/import/input_file.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using testing::TempDir;

std::string Unpacked(const std::filesystem::path& path) {
  auto file = InputFile::Open(path.string());
  std::string text(std::istreambuf_iterator<char>((*file)->stream()), {});
  EXPECT_FALSE((*file)->error());
  return text;
}

using CsvRow = std::map<std::string, std::string>;

// Calls f(names, cells) for each record below the header.
template <class F>
void ForEachRecord(const std::filesystem::path& path, F&& f) {
  auto file = InputFile::Open(path.string());
  ASSERT_TRUE(file) << file.error().message;
  CsvReader csv((*file)->stream());
  std::vector<std::string> names, cells;
  ASSERT_TRUE(csv.Next(&names));
  while (csv.Next(&cells)) {
    ASSERT_EQ(cells.size(), names.size()) << csv.raw();
    f(names, cells);
  }
}

void ForEachRow(const std::filesystem::path& path,
                const std::function<void(const CsvRow&)>& f) {
  CsvRow row;
  ForEachRecord(path, [&](const std::vector<std::string>& names,
                          const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) row[names[i]] = cells[i];
    f(row);
  });
}

GenerateOptions Small(const TempDir& dir) {
  GenerateOptions options;
  options.users = 300;
  options.months = 3;
  options.seed = 7;
  options.out_dir = dir.path();
  return options;
}

std::string HashOf(const std::string& text) { return StableId({text}); }

TEST(Generate, SameOptionsGiveTheSameBytesOnEveryMachine) {
  TempDir first, second;
  ASSERT_TRUE(Generate(Small(first)));
  ASSERT_TRUE(Generate(Small(second)));
  for (const char* name : {"events.csv.gz", "users.csv.gz"}) {
    EXPECT_EQ(first.Read(name), second.Read(name)) << name;
  }
  EXPECT_EQ(HashOf(Unpacked(first / "events.csv.gz")),
            "2feb4cd15434fc65dadef25020f965a9");
  EXPECT_EQ(HashOf(Unpacked(first / "users.csv.gz")),
            "913963aa821806191fa758533af82313");
}

TEST(Generate, AnotherSeedGivesAnotherHistory) {
  TempDir first, second;
  GenerateOptions options = Small(second);
  options.seed = 8;
  ASSERT_TRUE(Generate(Small(first)));
  ASSERT_TRUE(Generate(options));
  EXPECT_NE(first.Read("events.csv.gz"), second.Read("events.csv.gz"));
  EXPECT_NE(first.Read("users.csv.gz"), second.Read("users.csv.gz"));
}

TEST(Generate, SaysWhatItWrote) {
  TempDir dir;
  GenerateSummary summary;
  ASSERT_TRUE(Generate(Small(dir), &summary));
  int64_t rows = 0;
  ForEachRow(dir / "events.csv.gz", [&](const CsvRow&) { ++rows; });
  EXPECT_EQ(summary.events, rows);
  EXPECT_EQ(summary.users, 300);
  EXPECT_EQ(summary.files, (std::vector<std::filesystem::path>{
                               dir / "events.csv.gz", dir / "users.csv.gz"}));
  EXPECT_FALSE(std::filesystem::exists(dir / "events.csv.gz.part"));
}

TEST(Generate, StreamsTheSameEvents) {
  TempDir dir, untouched;
  GenerateSummary written, streamed;
  ASSERT_TRUE(Generate(Small(dir), &written));
  std::ostringstream out;
  GenerateOptions options = Small(untouched);
  options.events_to = &out;
  ASSERT_TRUE(Generate(options, &streamed));
  EXPECT_EQ(out.str(), Unpacked(dir / "events.csv.gz"));
  EXPECT_EQ(streamed.events, written.events);
  EXPECT_TRUE(streamed.files.empty());
  EXPECT_TRUE(std::filesystem::is_empty(untouched.path()));
  out.setstate(std::ios::badbit);
  const Status closed = Generate(options);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().message, "cannot write the events: Broken pipe");
}

TEST(Generate, AShareOfTheDaysIsWhatIsLeftOfThem) {
  TempDir whole_dir, part_dir;
  GenerateOptions options = Small(whole_dir);
  GenerateSummary whole, part;
  ASSERT_TRUE(Generate(options, &whole));
  options.out_dir = part_dir.path();
  options.share = 0.1;
  ASSERT_TRUE(Generate(options, &part));
  std::unordered_set<std::string> ids, users;
  ForEachRow(whole_dir / "events.csv.gz",
             [&](const CsvRow& row) { ids.insert(row.at("message_id")); });
  ForEachRow(part_dir / "events.csv.gz", [&](const CsvRow& row) {
    EXPECT_TRUE(ids.contains(row.at("message_id")));
    users.insert(row.at("user_id"));
  });
  EXPECT_GT(part.events, whole.events / 15);
  EXPECT_LT(part.events, whole.events / 7);
  // Whoever registers in these months does something on that day.
  ForEachRow(part_dir / "users.csv.gz", [&](const CsvRow& row) {
    if (row.at("created_at") < "2026-04-01") return;
    EXPECT_TRUE(users.contains(row.at("user_id"))) << row.at("user_id");
  });
  options.share = 0;
  EXPECT_EQ(Generate(options).error().message,
            "the share of days must be over 0 and at most 100%");
}

TEST(Generate, IdsAreUniqueAndTimesLieInTheMonths) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.last_day = LocalDay(std::chrono::year(2026) / 2 / 14);
  ASSERT_TRUE(Generate(options));
  std::map<std::string, std::string> created;
  ForEachRow(dir / "users.csv.gz", [&](const CsvRow& row) {
    EXPECT_TRUE(
        created.emplace(row.at("user_id"), row.at("created_at")).second);
    EXPECT_LE(row.at("created_at"), "2026-02-15");
  });
  EXPECT_EQ(created.size(), 300u);
  std::unordered_set<std::string> ids;
  ForEachRow(dir / "events.csv.gz", [&](const CsvRow& row) {
    EXPECT_TRUE(ids.insert(row.at("message_id")).second);
    EXPECT_GE(row.at("timestamp"), "2025-12-01");
    EXPECT_LT(row.at("timestamp"), "2026-02-15");
    EXPECT_GE(row.at("timestamp"), created.at(row.at("user_id")))
        << row.at("message_id");
  });
}

TEST(Generate, SomeUsersCannotBeReached) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.users = 2000;
  options.months = 1;
  ASSERT_TRUE(Generate(options));
  std::map<std::string, int> filled;
  ForEachRow(dir / "users.csv.gz", [&](const CsvRow& row) {
    for (const auto& [name, cell] : row) filled[name] += !cell.empty();
    filled["vip true"] += row.at("vip") == "true";
  });
  struct Band {
    const char* column;
    int low, high;
  };
  for (const Band& band : {Band{"user_id", 2000, 2000},
                           {"created_at", 2000, 2000},
                           {"city", 2000, 2000},
                           {"nickname", 1900, 1980},
                           {"language", 2000, 2000},
                           {"time_zone", 40, 140},
                           {"vip true", 180, 300},
                           {"email", 1500, 1700},
                           {"phone", 1740, 1860},
                           {"push_token", 1400, 1600},
                           {"car_model", 2000, 2000}}) {
    EXPECT_GE(filled[band.column], band.low) << band.column;
    EXPECT_LE(filled[band.column], band.high) << band.column;
  }
}

int MonthOf(const std::string& timestamp) {
  return std::stoi(timestamp.substr(0, 4)) * 12 +
         std::stoi(timestamp.substr(5, 2)) - 1;
}

// Months counted naively from the files.
struct Months {
  std::map<std::string, int> registered;
  std::map<int, std::unordered_set<std::string>> active, drove;
  int first = 0, last = 0;

  explicit Months(const TempDir& dir) {
    ForEachRow(dir / "users.csv.gz", [&](const CsvRow& row) {
      registered[row.at("user_id")] = MonthOf(row.at("created_at"));
    });
    ForEachRecord(dir / "events.csv.gz", [&](const auto&, const auto& cells) {
      const std::string& event = cells[2];
      bool opened = event == "app_open";
      if (!opened && event != "trip_completed") return;
      (opened ? active : drove)[MonthOf(cells[1])].insert(cells[0]);
    });
    first = active.begin()->first;
    last = active.rbegin()->first;
  }

  // "new", "old" (active before), "dormant" or "churned".
  std::string StateOf(const std::string& user, int month) const {
    int since = registered.at(user);
    if (since > month) return "unknown";
    if (since == month) return "new";
    int m = month;
    while (m > since && m >= first && !active.at(m).contains(user)) --m;
    if (m < first) m = since;
    return m == month ? "old" : m == month - 1 ? "dormant" : "churned";
  }
};

struct Share {
  int of = 0, yes = 0;
  void Add(bool is) {
    ++of;
    yes += is;
  }
  double value() const { return static_cast<double>(yes) / of; }
};

TEST(Generate, MonthlyRatesAreThoseOfARealApp) {
  TempDir dir;
  GenerateOptions options;
  options.users = 5000;
  options.months = 9;
  options.seed = 3;
  options.out_dir = dir.path();
  ASSERT_TRUE(Generate(options));
  Months months(dir);
  ASSERT_EQ(months.last - months.first, 8);
  // From the third month on.
  for (int m = months.first + 2; m <= months.last; ++m) {
    std::map<std::string, Share> came_back;
    Share active, driving;
    for (const auto& [user, since] : months.registered) {
      if (since > m) continue;
      bool is_active = months.active[m].contains(user);
      active.Add(is_active || since == m);
      came_back[months.StateOf(user, m - 1)].Add(is_active);
      if (months.StateOf(user, m) != "churned") continue;
      driving.Add(months.drove[m].contains(user) ||
                  months.drove[m - 1].contains(user));
    }
    struct Band {
      const char* rate;
      double value, low, high;
    };
    for (const Band& band :
         {Band{"active", active.value(), 0.82, 0.86},
          {"old retention", came_back["old"].value(), 0.88, 0.95},
          {"new retention", came_back["new"].value(), 0.88, 0.95},
          {"wake", came_back["dormant"].value(), 0.83, 0.87},
          {"win-back", came_back["churned"].value(), 0.10, 0.14},
          {"driving", driving.value(), 0.55, 0.65}}) {
      EXPECT_GE(band.value, band.low) << band.rate << " in month " << m;
      EXPECT_LE(band.value, band.high) << band.rate << " in month " << m;
    }
  }
  EXPECT_GT(months.drove[months.last].size(), 0u);
}

TEST(Generate, PeopleHaveFavouritesAndLeaveThingsUnpaid) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.users = 1000;
  ASSERT_TRUE(Generate(options));
  const std::map<std::string, std::string> label_of = {
      {"remote_unlock", "car_control"},
      {"remote_climate", "car_control"},
      {"charge_started", "charging"},
      {"navigation_sent", "navigation"},
      {"article_view", "community"},
      {"community_post", "community"},
      {"shop_view", "shop"},
      {"cart_add", "shop"},
      {"order_paid", "shop"}};
  std::map<std::string, std::set<std::string>> active_days;
  std::map<std::string, std::map<std::string, std::set<std::string>>> days;
  std::map<std::string, int> events;
  ForEachRow(dir / "events.csv.gz", [&](const CsvRow& row) {
    std::string day = row.at("timestamp").substr(0, 10);
    const std::string& event = row.at("event");
    ++events[event];
    if (event == "app_open") active_days[row.at("user_id")].insert(day);
    auto label = label_of.find(event);
    if (label != label_of.end()) {
      days[row.at("user_id")][label->second].insert(day);
    }
  });
  Share labeled;
  std::set<std::string> labels;
  for (const auto& [user, active] : active_days) {
    bool any = false;
    for (const auto& [label, used] : days[user]) {
      if (used.size() * 2 < active.size()) continue;
      any = true;
      labels.insert(label);
    }
    labeled.Add(any);
  }
  EXPECT_GT(labeled.value(), 0.85);
  EXPECT_EQ(labels.size(), 5u);
  EXPECT_GT(events["order_paid"], 0);
  EXPECT_GT(events["shop_view"], 3 * events["order_paid"]);
  EXPECT_GT(events["screen"], 0);
}

// --- the weeks after

// A touches file in which every user of the history is touched by each of two
// rules, a fifth held out.
std::filesystem::path WriteTouches(const TempDir& dir, int users,
                                   bool both_rules) {
  std::string text =
      "touch_id,rule_id,user_id,slot,planned_at,arm,variant,channel,state,"
      "reason,goal_at\n";
  for (int i = 1; i <= users; ++i) {
    char user[16];
    std::snprintf(user, sizeof(user), "u%07d", i);
    std::string arm = i % 2 == 0 ? "held_out" : "treated";
    std::string rule = both_rules && i % 4 < 2 ? "idle" : "works";
    text += "t" + std::to_string(i) + "," + rule + "," + user +
            ",2026-06-30T22:00:00+08:00,2026-07-01T00:00:00+08:00," + arm +
            ",,push,accepted,,\n";
  }
  return dir.Write("touches.csv", text);
}

struct Arms {
  Share treated, held_out;
};

TEST(GenerateFollow, UpliftIsTheSetShare) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.users = 20000;
  options.follow.emplace();
  options.follow->touches = WriteTouches(dir, 20000, true);
  options.follow->effects = {{"works", 0.08}, {"idle", 0}};
  options.follow->weeks = 1;
  ASSERT_TRUE(Generate(options));
  std::unordered_map<std::string, int> in_window;
  ForEachRow(dir / "following.csv.gz", [&](const CsvRow& row) {
    if (row.at("timestamp") > "2026-07-08") return;
    EXPECT_EQ(row.at("event"), "app_open");
    EXPECT_EQ(row.at("message_id").substr(0, 5), "goal-");
    EXPECT_GT(row.at("timestamp"), "2026-07-01T00:00:00+08:00");
    ++in_window[row.at("user_id")];
  });
  std::map<std::string, Arms> arms;
  ForEachRow(dir / "touches.csv", [&](const CsvRow& row) {
    auto reached = in_window.find(row.at("user_id"));
    bool did = reached != in_window.end();
    EXPECT_LE(did ? reached->second : 0, 1) << row.at("user_id");
    Arms& rule = arms[row.at("rule_id")];
    (row.at("arm") == "treated" ? rule.treated : rule.held_out).Add(did);
  });
  struct Case {
    const char* what;
    Share share;
    double expected;
  };
  for (const Case& c : {Case{"works, treated", arms["works"].treated, 0.20},
                        {"works, held out", arms["works"].held_out, 0.12},
                        {"idle, treated", arms["idle"].treated, 0.12},
                        {"idle, held out", arms["idle"].held_out, 0.12}}) {
    ASSERT_EQ(c.share.of, 5000) << c.what;
    double error = std::sqrt(c.expected * (1 - c.expected) / c.share.of);
    EXPECT_NEAR(c.share.value(), c.expected, 3 * error) << c.what;
  }
}

TEST(GenerateFollow, OutcomesAreIndependentDraws) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.follow.emplace();
  options.follow->touches = WriteTouches(dir, 300, false);
  options.follow->effects = {{"works", 0.08}};
  options.follow->weeks = 1;
  std::set<std::string> plays;
  Share reached;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    options.follow->outcome_seed = seed;
    ASSERT_TRUE(Generate(options));
    std::string goals;
    ForEachRow(dir / "following.csv.gz", [&](const CsvRow& row) {
      if (row.at("message_id").starts_with("goal-")) goals += row.at("user_id");
    });
    for (int i = 0; i < 300; ++i)
      reached.Add(i < static_cast<int>(goals.size()) / 8);
    plays.insert(goals);
  }
  EXPECT_EQ(plays.size(), 40u);
  EXPECT_NEAR(reached.value(), 0.16, 3 * std::sqrt(0.16 * 0.84 / 12000));
}

TEST(GenerateFollow, OthersGoOnAsTheyWere) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  ASSERT_TRUE(Generate(options));
  // The same users, the weeks generated as part of a longer history.
  options.follow.emplace();
  options.follow->weeks = 9;
  GenerateSummary summary;
  ASSERT_TRUE(Generate(options, &summary));
  EXPECT_EQ(summary.files,
            std::vector<std::filesystem::path>{dir / "following.csv.gz"});
  EXPECT_GT(summary.events, 1000);
  std::map<int, std::set<std::string>> active;
  ForEachRow(dir / "following.csv.gz", [&](const CsvRow& row) {
    EXPECT_GE(row.at("timestamp"), "2026-07-01");
    EXPECT_LT(row.at("timestamp"), "2026-09-02");
    if (row.at("event") == "app_open") {
      active[MonthOf(row.at("timestamp"))].insert(row.at("user_id"));
    }
  });
  EXPECT_NEAR(active.begin()->second.size() / 300.0, 0.84, 0.04);
}

TEST(GenerateFollow, ACouponIsPaidForInTheApp) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.follow.emplace();
  options.follow->touches = WriteTouches(dir, 300, false);
  options.follow->effects = {*ParseEffect("works=88%:order_paid")};
  options.follow->weeks = 1;
  ASSERT_TRUE(Generate(options));
  std::map<std::string, std::vector<std::string>> events;
  std::unordered_set<std::string> ids;
  ForEachRow(dir / "following.csv.gz", [&](const CsvRow& row) {
    events[row.at("user_id")].push_back(row.at("event"));
    EXPECT_TRUE(ids.insert(row.at("message_id")).second);
  });
  for (int i = 1; i <= 299; i += 2) {  // the treated: certain to buy
    char user[16];
    std::snprintf(user, sizeof(user), "u%07d", i);
    EXPECT_EQ(events[user],
              (std::vector<std::string>{"app_open", "order_paid"}))
        << user;
  }
}

// Two touches of one user, a day apart: each goal lies where only its own
// window is.
TEST(GenerateFollow, OverlappingWindowsDoNotShareGoals) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.follow.emplace();
  options.follow->touches =
      dir.Write("touches.csv",
                "touch_id,rule_id,user_id,planned_at,arm\n"
                "a,first,u0000001,2026-07-01T10:00:00+08:00,treated\n"
                "b,second,u0000001,2026-07-02T10:00:00+08:00,treated\n");
  options.follow->effects = {{"first", 0.88}, {"second", 0.88}};
  options.follow->weeks = 1;
  ASSERT_TRUE(Generate(options));
  std::map<std::string, std::string> at;
  ForEachRow(dir / "following.csv.gz", [&](const CsvRow& row) {
    if (row.at("user_id") != "u0000001") return;
    at[row.at("message_id")] = row.at("timestamp");
  });
  EXPECT_GT(at["goal-a"], "2026-07-01T10:00:00+08:00");
  EXPECT_LT(at["goal-a"], "2026-07-02T10:00:00+08:00");
  EXPECT_GT(at["goal-b"], "2026-07-08T10:00:00+08:00");
  EXPECT_LT(at["goal-b"], "2026-07-09T10:00:00+08:00");
}

// --- what cannot be

std::string MessageOf(const Status& status) {
  return status ? "" : status.error().message;
}

TEST(Generate, RefusesOptionsThatCannotBe) {
  TempDir dir;
  struct Case {
    std::function<void(GenerateOptions&)> change;
    std::string message;
  };
  const std::string touches = dir.Write("touches.csv",
                                        "touch_id,rule_id,user_id,planned_at,"
                                        "arm\nt1,wake,u0000001,2026-07-01,"
                                        "treated\n");
  const std::string stranger =
      dir.Write("stranger.csv",
                "touch_id,rule_id,user_id,planned_at,arm\n"
                "t1,wake,u0009999,2026-07-01T00:00:00Z,treated\n");
  const std::string renamed =
      dir.Write("renamed.csv", "touch_id,ruleid,user_id,planned_at,arm\n");
  auto follow = [](GenerateOptions& o) { o.follow.emplace(); };
  const std::vector<Case> cases = {
      {[](GenerateOptions& o) { o.users = 0; },
       "users must be 1 to 1000000000, not 0"},
      {[](GenerateOptions& o) { o.months = 0; },
       "months must be 1 to 240, not 0"},
      {[&](GenerateOptions& o) {
         follow(o);
         o.follow->weeks = 0;
       },
       "weeks must be 1 or more, not 0"},
      {[&](GenerateOptions& o) {
         follow(o);
         o.follow->from = o.last_day;
       },
       "the weeks must begin after the history's last day, 2026-06-30, not on "
       "2026-06-30"},
      {[&](GenerateOptions& o) {
         follow(o);
         o.follow->effects = {{"wake", 0.1}};
       },
       "an effect needs the touches it comes from"},
      {[&](GenerateOptions& o) {
         follow(o);
         o.follow->touches = touches;
         o.follow->effects = {{"wakes", 0.1}};
       },
       "no touch of a rule \"wakes\" in " + touches +
           "; did you mean \"wake\"?"},
      {[&](GenerateOptions& o) {
         follow(o);
         o.follow->touches = stranger;
         o.follow->effects = {{"wake", 0.1}};
       },
       stranger + ":2: user \"u0009999\" is not of this history; give the "
                  "users, months and seed it was made with"},
      {[&](GenerateOptions& o) {
         follow(o);
         o.follow->touches = renamed;
       },
       renamed + ":1: the header lacks the column \"rule_id\"; is it the one "
                 "called \"ruleid\"?"},
      {[&](GenerateOptions& o) {
         follow(o);
         o.follow->touches = "/nowhere.csv";
       },
       "/nowhere.csv: no such file"},
  };
  for (const Case& c : cases) {
    GenerateOptions options = Small(dir);
    c.change(options);
    EXPECT_EQ(MessageOf(Generate(options)), c.message);
  }
}

TEST(Generate, TellsWhereItCannotWrite) {
  TempDir dir;
  GenerateOptions options = Small(dir);
  options.out_dir = dir.Write("file", "") / "below";
  Status status = Generate(options);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kIo);
}

TEST(ParseEffect, ReadsRuleShareAndGoal) {
  struct Case {
    const char* text;
    const char* rule;
    double share;
    const char* goal;
  };
  for (const Case& c :
       {Case{"wake=8%", "wake", 0.08, "app_open"},
        {"wake=0", "wake", 0, "app_open"},
        {"wake=0.05", "wake", 0.05, "app_open"},
        {"wake=-5%", "wake", -0.05, "app_open"},
        {"coupon=5%:order_paid", "coupon", 0.05, "order_paid"}}) {
    Result<Effect> effect = ParseEffect(c.text);
    ASSERT_TRUE(effect) << c.text;
    EXPECT_EQ(effect->rule_id, c.rule) << c.text;
    EXPECT_DOUBLE_EQ(effect->share, c.share) << c.text;
    EXPECT_EQ(effect->goal, c.goal) << c.text;
  }
  for (const char* text : {"wake", "=8%", "wake=", "wake=8%%", "wake=200%",
                           "wake=8%:trip", "wake=many"}) {
    Result<Effect> effect = ParseEffect(text);
    ASSERT_FALSE(effect) << text;
    EXPECT_EQ(effect.error().message,
              "effect \"" + std::string(text) +
                  "\" is not RULE=SHARE or RULE=SHARE:GOAL, as in "
                  "wake-car-control=8% or viewed-not-bought=5%:order_paid");
  }
}

}  // namespace
}  // namespace rekindle
