// A small world to plan in: users, what they did, rules, and one planner.
//
//   World world(R"(rules: ...)");
//   world.Active("ann", "2026-01-05T09:00:00+08:00");
//   world.Run("2026-03-20T10:00:00+08:00");
//   EXPECT_EQ(world.Lines(world.Plan("2026-03-21T10:00:00+08:00")), "...");
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/ledger/contents.h"
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
                 std::vector<ChannelFacts> channels = TestChannels())
      : settings_(kSettings + more_settings),
        channels_(std::move(channels)),
        engine_(settings_) {
    Rules(rules, templates);
  }

  // Other rules from now on.
  void Rules(const std::string& rules,
             const std::string& templates = kPlainTemplates) {
    Loaded loaded = Load({templates, rules}, settings_, channels_);
    if (!loaded.ok) throw std::runtime_error(loaded.messages);
    rules_ = loaded.rules;
    planner_ = std::make_unique<Planner>(engine_.engine(), rules_, channels_);
  }
  // As after a restart.
  void Restart() {
    planner_.reset();
    engine_.Reopen();
    planner_ = std::make_unique<Planner>(engine_.engine(), rules_, channels_);
  }

  void Active(const std::string& user, const std::string& when) {
    engine_.Did(user, "app_open", when);
  }
  void Did(const std::string& user, const std::string& event,
           const std::string& when, const std::string& properties = "") {
    engine_.Did(user, event, when, properties);
  }
  void Profile(const std::string& user, const std::string& json) {
    engine_.Profile(user, json);
  }
  // A user of the push channel, active once.
  void User(const std::string& user,
            const std::string& when = "2026-01-05T09:00:00+08:00") {
    Active(user, when);
    Profile(user, R"({"push_token":"t-)" + user + "\"}");
  }
  // Many such users, in one go.
  void Users(const std::vector<std::string>& users) {
    std::vector<Message> messages;
    std::vector<Engine::UserRow> rows;
    for (const std::string& user : users) {
      Message message{.user_id = user, .event = "app_open"};
      message.when =
          *engine_.settings().calendar.ParseMoment("2026-01-05T09:00:00+08:00");
      messages.push_back(message);
      rows.push_back({.user_id = user,
                      .json_object = R"({"push_token":"t-)" + user + "\"}"});
    }
    Take(messages, rows);
  }
  void Take(const std::vector<Message>& messages,
            const std::vector<Engine::UserRow>& rows) {
    engine().Append(messages, At("2026-12-31T00:00:00Z"));
    for (const Status& put : engine().PutUsers(rows)) {
      if (!put) throw std::runtime_error(put.error().message);
    }
  }
  UserNumber Number(const std::string& user) {
    return engine_.engine().users().Find(user);
  }

  Instant At(const std::string& text) const {
    auto moment = engine_.settings().calendar.ParseMoment(text);
    if (!moment) throw std::runtime_error(moment.error().message);
    return moment->at;
  }
  std::vector<SlotPlan> Plan(const std::string& at, Planner::Ask ask = {}) {
    return planner_->Plan(At(at), ask);
  }
  // Of a plan of one slot.
  std::vector<Candidate> Decided(const std::string& at, Planner::Ask ask = {}) {
    return Plan(at, ask).at(0).candidates;
  }
  // What one stage of the first rule said of the user; "" where it did not
  // look.
  std::string Detail(const std::string& user, const std::string& stage,
                     const std::string& at) {
    const auto explanations = Explain(user, at);
    for (const StageFinding& finding : explanations.at(0).stages) {
      if (finding.stage == stage) return finding.detail;
    }
    return "";
  }
  // The texts of the user's latest touch, for as long as it is not final.
  std::vector<ChannelContent> Contents(const std::string& user) {
    return engine().store().Read([&](SQLite::Database& db) {
      SQLite::Statement get(db,
                            "SELECT contents FROM touch_contents JOIN touches "
                            "ON touch = id WHERE user = ? ORDER BY id DESC");
      get.bind(1, Number(user));
      return get.executeStep() ? DecodeContents(get.getColumn(0).getString())
                               : std::vector<ChannelContent>();
    });
  }
  std::vector<SlotPlan> Run(const std::string& at, Planner::Ask ask = {}) {
    return planner_->Run(At(at), ask);
  }
  std::vector<Planner::Explanation> Explain(const std::string& user,
                                            const std::string& at) {
    return planner_->Explain(Number(user), At(at), std::nullopt);
  }

  // The users whose touches leave through the push channel at the instant, in
  // the order of the ledger; they are claimed then.
  std::vector<std::string> Leave(const std::string& at) {
    std::vector<std::string> rule_ids;
    for (const Rule& rule : rules_->rules) rule_ids.push_back(rule.id);
    const auto facts = engine().At(At(at));
    std::vector<std::string> users;
    for (const ClaimedTouch& touch :
         engine().ledger().Claim({.id = "push", .address_field = "push_token"},
                                 *facts, engine().consents(), rule_ids, 1000)) {
      users.push_back(touch.user_id);
    }
    return users;
  }

  // "wake: ann send push; bob skip repeat" a worked slot, one a line;
  // "wake: missed" for the others.
  std::string Lines(const std::vector<SlotPlan>& plans) {
    std::string lines;
    for (const SlotPlan& plan : plans) {
      lines += plan.rule_id + ":";
      if (plan.verdict == SlotVerdict::kDone) lines += " done";
      if (plan.verdict == SlotVerdict::kMissed) lines += " missed";
      if (plan.verdict == SlotVerdict::kNotDue) lines += " not due";
      if (plan.verdict == SlotVerdict::kStopped) {
        lines += " " + std::string(ReasonCode(plan.reason));
      }
      std::string separator = " ";
      for (const Candidate& c : plan.candidates) {
        lines += separator + Line(plan, c);
        separator = "; ";
      }
      lines += "\n";
    }
    return lines;
  }
  std::string Line(const SlotPlan& plan, const Candidate& c) {
    std::string line = std::string(engine_.engine().users().IdOf(c.user)) +
                       " " + std::string(DecisionName(c.decision));
    if (c.reason != Reason::kNone) {
      line += " " + std::string(ReasonCode(c.reason));
    }
    if (IsOpen(c)) {
      line += " " + std::string(ChannelOf(*plan.rule, c));
      const std::string_view variant = VariantOf(*plan.rule, c);
      if (!variant.empty()) line += " " + std::string(variant);
    }
    return line;
  }

  Engine& engine() { return engine_.engine(); }
  const Calendar& calendar() { return engine_.settings().calendar; }
  const RuleSet& rules() const { return *rules_; }
  std::vector<TouchRow> Touches() {
    return engine().ledger().Touches({.limit = 0});
  }

 private:
  const std::string settings_;
  const std::vector<ChannelFacts> channels_;
  SmallEngine engine_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Planner> planner_;
};

// u0, u1, ...
inline std::vector<std::string> UserNames(int n) {
  std::vector<std::string> names;
  for (int i = 0; i < n; ++i) names.push_back("u" + std::to_string(i));
  return names;
}

// A rule of everybody who is inactive for 14 days; `keys` are further lines.
inline std::string WakeRule(const std::string& id, const std::string& keys,
                            const std::string& channel = "push") {
  std::string text = "  - id: " + id +
                     "\n"
                     "    when: {inactive: 14 days}\n"
                     "    send: {channel: " +
                     channel +
                     ", template: hello}\n"
                     "    schedule: daily 10:00\n";
  size_t at = 0;
  while (at < keys.size()) {
    size_t end = std::min(keys.find('\n', at), keys.size());
    text += "    " + keys.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return text;
}
inline std::string OneRule(const std::string& keys,
                           const std::string& channel = "push") {
  return "rules:\n" + WakeRule("wake", keys, channel);
}

}  // namespace rekindle::testing
