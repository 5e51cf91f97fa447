#include "rules/planner.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/links/tracking.h"
#include "rules/send_window.h"
#include "rules/variables.h"

namespace rekindle {
namespace {

// Sends and hold-outs are touches; skips are not.
bool IsTouch(const Candidate& c) { return c.decision != Decision::kSkip; }

// What the channels of the touch ask for besides their template's parts.
void AddParts(const std::vector<ChannelFacts>& channels,
              const Tracking& tracking, std::string_view language,
              Touch* touch) {
  for (ChannelContent& content : touch->contents) {
    const auto channel =
        std::find_if(channels.begin(), channels.end(),
                     [&](const auto& c) { return c.id == content.channel; });
    if (channel == channels.end()) continue;
    for (const std::string& part : channel->added_parts) {
      if (part == kBounceToken) {
        content.parts.emplace_back(part, tracking.BounceToken(touch->touch_id));
      } else if (part == kUnsubscribeUrl && tracking.on() && touch->marketing) {
        content.parts.emplace_back(
            part, tracking.UnsubscribeUrl(touch->touch_id, language));
      }
    }
  }
}

Touch MakeTouch(const Rule& rule, Instant slot, const Snapshot& facts,
                const Candidate& c) {
  const EngineSettings& settings = facts.settings();
  Touch touch;
  touch.touch_id = TouchIdOf(rule.id, facts.users().IdOf(c.user), slot, 0);
  touch.rule_id = rule.id;
  touch.rule_version = rule.version;
  touch.user = c.user;
  touch.slot = slot;
  touch.planned_at = facts.as_of();
  touch.due_at = c.due_at;
  touch.expires_at = ExpiresAt(rule, touch.planned_at, settings);
  touch.arm = c.decision == Decision::kHoldOut ? Arm::kHeldOut : Arm::kTreated;
  touch.variant = c.variant;
  touch.template_id = c.template_id;
  touch.topic = rule.topic;
  touch.marketing = rule.marketing;
  touch.contents = c.contents;
  if (rule.goal) {
    touch.goal = rule.goal->behavior_name;
    touch.goal_until = Forward(rule.goal->within, touch.planned_at,
                               settings.calendar, settings.lifecycle.period);
  }
  return touch;
}

// The behaviors among those being filled that decide the rule's condition.
std::vector<std::string> WaitsFor(const Rule& rule,
                                  const Engine::Filling& filling,
                                  const EngineSettings& settings) {
  std::vector<std::string> names;
  if (filling.behaviors.empty()) return names;
  for (BehaviorIndex b : BehaviorsNeeded(*rule.when, settings)) {
    if (filling.Has(b)) names.push_back(settings.behaviors.at(b).name);
  }
  return names;
}

std::map<std::string, UserSet> SkippedUsers(const SlotPlan& plan) {
  std::map<std::string, UserSet> skipped;
  for (const Candidate& c : plan.candidates) {
    if (IsTouch(c)) continue;
    skipped[std::string(ReasonCode(c.reason))].Add(c.user);
  }
  return skipped;
}

}  // namespace

int64_t SlotPlan::Count(Decision decision) const {
  return std::count_if(
      candidates.begin(), candidates.end(),
      [&](const Candidate& c) { return c.decision == decision; });
}

std::map<std::string, int64_t> SlotPlan::SkippedByReason() const {
  std::map<std::string, int64_t> skipped;
  for (const Candidate& c : candidates) {
    if (!IsTouch(c)) ++skipped[std::string(ReasonCode(c.reason))];
  }
  return skipped;
}

Planner::Planner(Engine& engine, std::shared_ptr<const RuleSet> rules,
                 std::vector<ChannelFacts> channels)
    : engine_(engine),
      rules_(std::move(rules)),
      channels_(std::move(channels)) {}

std::vector<SlotPlan> Planner::Plan(Instant as_of, const Ask& ask) {
  return Work(as_of, ask, false);
}

std::vector<SlotPlan> Planner::Run(Instant as_of, const Ask& ask) {
  return Work(as_of, ask, true);
}

Planner::Due Planner::Judge(const Rule& rule, Instant as_of,
                            const Ask& ask) const {
  const EngineSettings& settings = engine_.settings();
  Due due{&rule, rule.schedule.LatestDue(as_of, settings.calendar)};
  if (!due.slot || !rule.enabled) return due;
  auto not_before = ask.not_before ? ask.not_before(rule.id) : std::nullopt;
  if (not_before && *due.slot < *not_before) return due;
  due.verdict = SlotVerdict::kWorked;
  if (ask.rule_id) return due;
  auto found = engine_.ledger().FindSlot(rule.id, *due.slot);
  const Instant latest = Forward(rule.max_late, *due.slot, settings.calendar,
                                 settings.lifecycle.period);
  if (found && found->state == SlotState::kDone) {
    due.verdict = SlotVerdict::kDone;
  } else if (as_of > latest || (found && found->state == SlotState::kMissed)) {
    due.verdict = SlotVerdict::kMissed;
  }
  return due;
}

std::vector<Planner::Due> Planner::DueRules(Instant as_of,
                                            const Ask& ask) const {
  std::vector<Due> due;
  for (const Rule& rule : rules_->rules) {
    if (ask.rule_id && *ask.rule_id != rule.id) continue;
    due.push_back(Judge(rule, as_of, ask));
  }
  // By due minute, then priority; equals stay in file order.
  std::stable_sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return std::make_tuple(a.slot, -a.rule->priority) <
           std::make_tuple(b.slot, -b.rule->priority);
  });
  return due;
}

std::vector<SlotPlan> Planner::Work(Instant as_of, const Ask& ask, bool write) {
  std::vector<SlotPlan> plans;
  std::unique_ptr<Snapshot> facts;  // taken before the store: the lock order
  TickReservations tick;
  const Engine::Filling filling = engine_.filling();
  for (const Due& due : DueRules(as_of, ask)) {
    if (due.verdict != SlotVerdict::kWorked) {
      if (write && due.verdict == SlotVerdict::kMissed) {
        engine_.ledger().MarkMissed(due.rule->id, *due.slot, due.rule->version,
                                    as_of);
      }
      plans.push_back({due.rule->id, due.slot, due.verdict, {}, {}});
      continue;
    }
    // It stays due: the next tick looks again.
    auto waits_for = WaitsFor(*due.rule, filling, engine_.settings());
    if (!waits_for.empty()) {
      plans.push_back({due.rule->id,
                       due.slot,
                       SlotVerdict::kWaits,
                       {},
                       std::move(waits_for)});
      continue;
    }
    if (!facts) facts = engine_.At(as_of);
    plans.push_back(write ? engine_.store().Write([&](SQLite::Database& db) {
      return Written(due, *facts, db, tick);
    })
                          : engine_.store().Read([&](SQLite::Database& db) {
                              return Decided(due, *facts, db, tick);
                            }));
  }
  return plans;
}

PlanContext Planner::Context(const Rule& rule, Instant slot,
                             const Snapshot& facts, SQLite::Database& db,
                             TickReservations& tick) const {
  return {rule, *rules_, channels_, facts, engine_.ledger(), engine_.consents(),
          db,   slot,    tick};
}

SlotPlan Planner::Decided(const Due& due, const Snapshot& facts,
                          SQLite::Database& db, TickReservations& tick) const {
  const Rule& rule = *due.rule;
  PlanContext context = Context(rule, *due.slot, facts, db, tick);
  UserSet matched = rule.when->Select(facts);
  matched -= engine_.ledger().InSlot(db, rule.id, *due.slot, false);
  return {rule.id, due.slot, due.verdict, Decide(context, matched), {}};
}

SlotPlan Planner::Written(const Due& due, const Snapshot& facts,
                          SQLite::Database& db, TickReservations& tick) {
  const Rule& rule = *due.rule;
  Ledger& ledger = engine_.ledger();
  SlotRow slot = ledger.OpenSlot(db, rule.id, *due.slot, rule.version,
                                 facts.as_of(), true);
  const auto before = static_cast<int64_t>(
      ledger.InSlot(db, rule.id, *due.slot, false).Count());
  SlotPlan plan = Decided(due, facts, db, tick);
  const Tracking tracking(facts.settings().links, ledger.key());
  std::vector<Touch> touches;
  for (const Candidate& c : plan.candidates) {
    if (!IsTouch(c)) continue;
    Touch& touch = touches.emplace_back(MakeTouch(rule, *due.slot, facts, c));
    tracking.Track(&touch);
    AddParts(channels_, tracking, LanguageOf(facts, c.user), &touch);
  }
  ledger.Insert(db, touches);
  slot.matched = before + static_cast<int64_t>(plan.candidates.size());
  ledger.FinishSlot(db, slot, facts.as_of(), SkippedUsers(plan));
  return plan;
}

}  // namespace rekindle
