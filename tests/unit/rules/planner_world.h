// A small world to plan in: users, what they did, rules, and one planner.
//
//   World world(R"(rules: ...)");
//   world.Active("ann", "2026-01-05T09:00:00+08:00");
//   world.Run("2026-03-20T10:00:00+08:00");
//   EXPECT_EQ(world.Lines(world.Plan("2026-03-21T10:00:00+08:00")), "...");
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/planner.h"
#include "tests/support/small_engine.h"
#include "tests/unit/rules/rule_fixture.h"

namespace rekindle::testing {

// One text for everybody, in each channel.
inline constexpr char kPlainTemplates[] = R"yaml(
templates:
  hello:
    push: {title: "Hi"}
    mail: {subject: Hi, text: Hi}
    list: {name: Hi}
  other:
    push: {title: "Other"}
    mail: {subject: Other, text: Other}
    list: {name: Other}
)yaml";

inline constexpr char kMarch20[] = "2026-03-20T10:00:00+08:00";
inline constexpr char kMarch21[] = "2026-03-21T10:00:00+08:00";
inline constexpr char kApril20[] = "2026-04-20T10:00:00+08:00";

class World {
 public:
  explicit World(const std::string& rules,
                 const std::string& templates = kPlainTemplates,
                 const std::string& more_settings = "",
                 std::vector<ChannelFacts> channels = TestChannels());
  ~World();

  // Other rules from now on.
  void Rules(const std::string& rules,
             const std::string& templates = kPlainTemplates);
  // As after a restart.
  void Restart();
  // As after a restart with another definition of "trip", which is being filled
  // in for as long as the snapshot is held. REQUIRES: there are raw events.
  std::unique_ptr<Snapshot> RestartFillingTrip();

  void Active(const std::string& user, const std::string& when);
  void Did(const std::string& user, const std::string& event,
           const std::string& when, const std::string& properties = "");
  void Profile(const std::string& user, const std::string& json);
  // A user of the push channel, active once.
  void User(const std::string& user,
            const std::string& when = "2026-01-05T09:00:00+08:00");
  // Many such users, in one go.
  void Users(const std::vector<std::string>& users);
  void Take(const std::vector<Message>& messages,
            const std::vector<Engine::UserRow>& rows);
  UserNumber Number(const std::string& user);

  Instant At(const std::string& text) const;
  std::vector<SlotPlan> Plan(const std::string& at, Planner::Ask ask = {});
  // Of a plan of one slot.
  std::vector<Candidate> Decided(const std::string& at, Planner::Ask ask = {});
  // What one stage of the first rule said of the user; "" where it did not
  // look.
  std::string Detail(const std::string& user, const std::string& stage,
                     const std::string& at);
  // The texts of the user's latest touch, for as long as it is not final.
  std::vector<ChannelContent> Contents(const std::string& user);
  std::vector<SlotPlan> Run(const std::string& at, Planner::Ask ask = {});
  std::vector<Planner::Explanation> Explain(const std::string& user,
                                            const std::string& at);

  // The users whose touches leave through the push channel at the instant, in
  // the order of the ledger; they are claimed then.
  std::vector<std::string> Leave(const std::string& at);

  // "wake: ann send push; bob skip repeat" a worked slot, one a line;
  // "wake: missed" for the others.
  std::string Lines(const std::vector<SlotPlan>& plans);
  std::string Line(const SlotPlan& plan, const Candidate& c);

  Engine& engine() { return engine_.engine(); }
  const Calendar& calendar() { return engine_.settings().calendar; }
  const RuleSet& rules() const { return *rules_; }
  std::vector<TouchRow> Touches();

 private:
  const std::string settings_;
  const std::vector<ChannelFacts> channels_;
  SmallEngine engine_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Planner> planner_;
};

// u0, u1, ...
std::vector<std::string> UserNames(int n);

// A rule of everybody who is inactive for 14 days; `keys` are further lines.
std::string WakeRule(const std::string& id, const std::string& keys,
                     const std::string& channel = "push");
std::string OneRule(const std::string& keys,
                    const std::string& channel = "push");

}  // namespace rekindle::testing
