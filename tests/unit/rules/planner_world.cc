#include "tests/unit/rules/planner_world.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "engine/ledger/contents.h"

namespace rekindle::testing {

World::World(const std::string& rules, const std::string& templates,
             const std::string& more_settings,
             std::vector<ChannelFacts> channels)
    : settings_(kSettings + more_settings),
      channels_(std::move(channels)),
      engine_(settings_) {
  Rules(rules, templates);
}

World::~World() = default;

void World::Rules(const std::string& rules, const std::string& templates) {
  Loaded loaded = Load({templates, rules}, settings_, channels_);
  if (!loaded.ok) throw std::runtime_error(loaded.messages);
  rules_ = loaded.rules;
  planner_ = std::make_unique<Planner>(engine_.engine(), rules_, channels_);
}

void World::Restart() {
  planner_.reset();
  engine_.Reopen();
  planner_ = std::make_unique<Planner>(engine_.engine(), rules_, channels_);
}

std::unique_ptr<Snapshot> World::RestartFillingTrip() {
  const std::string was = "{event: trip_completed}";
  for (int i = 0; i < 1000; ++i) {
    std::string text = settings_;
    text.replace(text.find(was), was.size(),
                 "{event: [trip_completed, trip_" + std::to_string(i) + "]}");
    planner_.reset();
    engine_.Reopen(text, BackFill::kInBackground);
    planner_ = std::make_unique<Planner>(engine(), rules_, channels_);
    auto facts = engine().At(At(kMarch20));
    // It may be over already: then once more, with one that never was.
    if (!engine().filling().behaviors.empty()) return facts;
  }
  throw std::runtime_error("it was always over at once");
}

void World::Active(const std::string& user, const std::string& when) {
  engine_.Did(user, "app_open", when);
}

void World::Did(const std::string& user, const std::string& event,
                const std::string& when, const std::string& properties) {
  engine_.Did(user, event, when, properties);
}

void World::Profile(const std::string& user, const std::string& json) {
  engine_.Profile(user, json);
}

void World::User(const std::string& user, const std::string& when) {
  Active(user, when);
  Profile(user, R"({"push_token":"t-)" + user + "\"}");
}

void World::Users(const std::vector<std::string>& users) {
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

void World::Take(const std::vector<Message>& messages,
                 const std::vector<Engine::UserRow>& rows) {
  engine().Append(messages, At("2026-12-31T00:00:00Z"));
  for (const Status& put : engine().PutUsers(rows)) {
    if (!put) throw std::runtime_error(put.error().message);
  }
}

UserNumber World::Number(const std::string& user) {
  return engine_.engine().users().Find(user);
}

Instant World::At(const std::string& text) const {
  auto moment = engine_.settings().calendar.ParseMoment(text);
  if (!moment) throw std::runtime_error(moment.error().message);
  return moment->at;
}

std::vector<SlotPlan> World::Plan(const std::string& at, Planner::Ask ask) {
  return planner_->Plan(At(at), ask);
}

std::vector<Candidate> World::Decided(const std::string& at, Planner::Ask ask) {
  return Plan(at, ask).at(0).candidates;
}

std::string World::Detail(const std::string& user, const std::string& stage,
                          const std::string& at) {
  const auto explanations = Explain(user, at);
  for (const StageFinding& finding : explanations.at(0).stages) {
    if (finding.stage == stage) return finding.detail.English();
  }
  return "";
}

std::vector<ChannelContent> World::Contents(const std::string& user) {
  return engine().store().Read([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT contents FROM touch_contents JOIN touches "
                          "ON touch = id WHERE user = ? ORDER BY id DESC");
    get.bind(1, Number(user));
    return get.executeStep() ? DecodeContents(get.getColumn(0).getString())
                             : std::vector<ChannelContent>();
  });
}

std::vector<SlotPlan> World::Run(const std::string& at, Planner::Ask ask) {
  return planner_->Run(At(at), ask);
}

std::vector<Planner::Explanation> World::Explain(const std::string& user,
                                                 const std::string& at) {
  return planner_->Explain(Number(user), At(at), std::nullopt);
}

std::vector<std::string> World::Leave(const std::string& at) {
  std::unordered_set<std::string> rule_ids;
  for (const Rule& rule : rules_->rules) rule_ids.insert(rule.id);
  const auto facts = engine().At(At(at));
  std::vector<std::string> users;
  for (const ClaimedTouch& touch : engine().ledger().Claim(
           {.id = "push", .address_field = "push_token"}, *facts,
           Consents(facts->settings()), rule_ids, 1000)) {
    users.push_back(touch.user_id);
  }
  return users;
}

std::string World::Lines(const std::vector<SlotPlan>& plans) {
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

std::string World::Line(const SlotPlan& plan, const Candidate& c) {
  std::string line = std::string(engine_.engine().users().IdOf(c.user)) + " " +
                     std::string(DecisionName(c.decision));
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

std::vector<TouchRow> World::Touches() {
  return engine().ledger().Touches({.limit = 0});
}

std::vector<std::string> UserNames(int n) {
  std::vector<std::string> names;
  for (int i = 0; i < n; ++i) names.push_back("u" + std::to_string(i));
  return names;
}

std::string WakeRule(const std::string& id, const std::string& keys,
                     const std::string& channel) {
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

std::string OneRule(const std::string& keys, const std::string& channel) {
  return "rules:\n" + WakeRule("wake", keys, channel);
}

}  // namespace rekindle::testing
