#include "rules/planner.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "engine/audience/selection.h"
#include "engine/oversight/oversight.h"
#include "rules/blast_guard.h"
#include "rules/slot_notices.h"

namespace rekindle {
namespace {

// What all touches of one slot share.
Touch TouchOfSlot(const Rule& rule, Instant slot, const Snapshot& facts) {
  const EngineSettings& settings = facts.settings();
  Touch touch;
  touch.rule_id = rule.id;
  touch.rule_version = rule.version;
  touch.slot = slot;
  touch.planned_at = facts.as_of();
  touch.expires_at = ExpiresAt(rule, touch.planned_at, settings);
  touch.topic = rule.topic;
  touch.marketing = rule.marketing;
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

using ByReason =
    std::array<std::optional<UserSet>, static_cast<size_t>(kLastReason) + 1>;

std::map<std::string, UserSet> SkippedUsers(const SlotPlan& plan,
                                            uint32_t universe) {
  ByReason by_reason;
  for (const Candidate& c : plan.candidates) {
    if (IsTouch(c)) continue;
    std::optional<UserSet>& users = by_reason[static_cast<size_t>(c.reason)];
    if (!users) users.emplace(universe);
    users->Add(c.user);
  }
  std::map<std::string, UserSet> skipped;
  for (size_t i = 0; i < by_reason.size(); ++i) {
    if (!by_reason[i]) continue;
    skipped.emplace(ReasonCode(static_cast<Reason>(i)),
                    *std::move(by_reason[i]));
  }
  return skipped;
}

}  // namespace

Phrase WaitText(const std::vector<std::string>& behaviors) {
  return Phrase("{} is being filled in from raw events",
                Joined("{}, {}", behaviors));
}

int64_t SlotPlan::Count(Decision decision) const {
  return std::count_if(
      candidates.begin(), candidates.end(),
      [&](const Candidate& c) { return c.decision == decision; });
}

std::map<std::string, int64_t> SlotPlan::SkippedByReason() const {
  std::array<int64_t, static_cast<size_t>(kLastReason) + 1> counts{};
  for (const Candidate& c : candidates) {
    if (!IsTouch(c)) ++counts[static_cast<size_t>(c.reason)];
  }
  std::map<std::string, int64_t> skipped;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    skipped.emplace(ReasonCode(static_cast<Reason>(i)), counts[i]);
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
  const auto settings = engine_.settings();
  Due due{&rule, rule.schedule.LatestDue(as_of, settings->calendar)};
  if (!due.slot || !rule.enabled) return due;
  auto not_before = ask.not_before ? ask.not_before(rule.id) : std::nullopt;
  if (not_before && *due.slot < *not_before) return due;
  due.verdict = SlotVerdict::kWorked;
  const auto found = engine_.ledger().slots().Find(rule.id, *due.slot);
  if (!ask.rule_id && found && found->state == SlotState::kDone) {
    due.verdict = SlotVerdict::kDone;
    return due;
  }
  const bool late =
      as_of > Forward(rule.max_late, *due.slot, settings->calendar,
                      settings->lifecycle.period);
  if (ask.rule_id ||
      (!late && !(found && found->state == SlotState::kMissed))) {
    JudgeOversight(found, ask, &due);
    return due;
  }
  // What was stopped until it was too late says so for good.
  const bool stopped = found && found->state == SlotState::kStopped;
  due.verdict = stopped ? SlotVerdict::kStopped : SlotVerdict::kMissed;
  due.late = true;
  if (stopped) due.reason = ParseReason(found->reason);
  due.recorded = found && found->state != SlotState::kOpen;
  return due;
}

void Planner::JudgeOversight(const std::optional<SlotRow>& found,
                             const Ask& ask, Due* due) const {
  const Rule& rule = *due->rule;
  const auto settings = engine_.settings();
  const Calendar& calendar = settings->calendar;
  engine_.store().Read([&](SQLite::Database& db) {
    const auto stop = [&](Reason reason, Phrase detail) {
      due->verdict = SlotVerdict::kStopped;
      due->reason = reason;
      due->detail = std::move(detail);
    };
    if (const auto pause = Oversight::Pause(db, rule.id)) {
      stop(Reason::kPaused, Phrase("paused by {} on {}", pause->person,
                                   calendar.FormatMinute(pause->at)));
    } else if (rule.approval_required &&
               !Oversight::IsApproved(db, rule.id, rule.version)) {
      stop(Reason::kApproval,
           Phrase("version {} waits for approval", rule.version));
    } else if (!ask.rule_id && found &&
               found->reason == ReasonCode(Reason::kBlastGuard) &&
               !Oversight::IsSlotApproved(db, rule.id, *due->slot)) {
      stop(Reason::kBlastGuard, Phrase());
    }
  });
  due->recorded = due->verdict == SlotVerdict::kStopped && found &&
                  found->state == SlotState::kStopped &&
                  found->reason == ReasonCode(due->reason) &&
                  found->rule_version == rule.version;
}

std::vector<Planner::Due> Planner::DueRules(Instant as_of,
                                            const Ask& ask) const {
  std::vector<Due> due;
  const Engine::Filling filling = engine_.filling();
  const auto settings = engine_.settings();
  for (const Rule& rule : rules_->rules) {
    if (ask.rule_id && *ask.rule_id != rule.id) continue;
    due.push_back(Judge(rule, as_of, ask));
    due.back().waits_for = WaitsFor(rule, filling, *settings);
  }
  // By due minute, then priority; equals stay in file order.
  std::stable_sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return std::make_tuple(a.slot, -a.rule->priority) <
           std::make_tuple(b.slot, -b.rule->priority);
  });
  return due;
}

SlotPlan Planner::PlanOf(const Due& due) const {
  SlotPlan plan;
  plan.rule = std::shared_ptr<const Rule>(rules_, due.rule);
  plan.rule_id = due.rule->id;
  plan.slot = due.slot;
  plan.verdict = due.verdict;
  plan.reason = due.reason;
  plan.detail = due.detail;
  return plan;
}

std::vector<SlotPlan> Planner::Work(Instant as_of, const Ask& ask, bool write) {
  const std::vector<Due> all = DueRules(as_of, ask);
  std::vector<SlotPlan> plans;
  std::vector<const Condition*> conditions;  // of those that are worked
  for (const Due& due : all) {
    plans.push_back(PlanOf(due));
    if (!IsWorked(due, write)) continue;
    if (due.waits_for.empty()) {
      conditions.push_back(due.rule->when.get());
    } else {  // it stays due: the next tick looks again
      plans.back().waits_for = due.waits_for;
      plans.back().verdict = SlotVerdict::kWaits;
    }
  }
  std::unique_ptr<Snapshot> facts;  // taken before the store: the lock order
  std::optional<Tick> tick;
  std::optional<SelectionQueue> selected;
  if (!conditions.empty()) {
    facts = engine_.At(as_of);
    tick.emplace(MakeTick(*facts));
    selected.emplace(*facts, std::move(conditions));
  }
  for (size_t i = 0; i < all.size(); ++i) {
    if (plans[i].verdict == SlotVerdict::kWaits) continue;
    if (IsWorked(all[i], write)) {
      plans[i] = WorkOne(all[i], selected->Next(), *facts, *tick, write);
    } else if (write) {
      Record(as_of, all[i], &plans[i]);
    }
  }
  return plans;
}

bool Planner::IsWorked(const Due& due, bool write) {
  if (due.verdict == SlotVerdict::kWorked) return true;
  // What a plan shows of a stopped slot: whom it would reach.
  return !write && !due.late &&
         (due.reason == Reason::kApproval || due.reason == Reason::kBlastGuard);
}

SlotPlan Planner::WorkOne(const Due& due, const UserSet& matched,
                          const Snapshot& facts, Tick& tick, bool write) {
  if (!write) {
    return engine_.store().Read([&](SQLite::Database& db) {
      PlanContext context = Context(*due.rule, *due.slot, facts, db, tick);
      return Decided(due, matched,
                     engine_.ledger().InSlot(db, due.rule->id, *due.slot),
                     context);
    });
  }
  const size_t mark = tick.caps.Mark();
  try {
    return engine_.store().Write([&](SQLite::Database& db) {
      return Written(due, matched, facts, db, tick);
    });
  } catch (...) {
    tick.caps.RollBack(mark);
    throw;
  }
}

void Planner::Record(Instant as_of, const Due& due, SlotPlan* plan) {
  if (due.recorded || !due.slot) return;
  const Rule& rule = *due.rule;
  const auto record = [&](SQLite::Database& db) {
    if (due.verdict == SlotVerdict::kMissed) {
      return SlotBook::MarkMissed(db, rule.id, *due.slot, rule.version, as_of);
    }
    return SlotBook::Stop(db,
                          {.rule_id = rule.id,
                           .slot = *due.slot,
                           .reason = std::string(ReasonCode(due.reason)),
                           .rule_version = rule.version},
                          as_of);
  };
  if (due.verdict != SlotVerdict::kMissed &&
      due.verdict != SlotVerdict::kStopped) {
    return;
  }
  const Reason cause =
      due.verdict == SlotVerdict::kMissed ? Reason::kMissed : due.reason;
  engine_.store().Write([&](SQLite::Database& db) {
    plan->recorded = record(db);
    if (plan->recorded) {
      NoteCause(db, rule, *due.slot, ReasonCode(cause), as_of);
    }
  });
}

Tick Planner::MakeTick(const Snapshot& facts,
                       std::optional<UserNumber> only) const {
  return {CapBook(rules_->caps, engine_.ledger(), facts.users().size(),
                  facts.as_of(), only),
          ConsentBook(Consents(facts.settings()), facts.users())};
}

PlanContext Planner::Context(const Rule& rule, Instant slot,
                             const Snapshot& facts, SQLite::Database& db,
                             Tick& tick) const {
  PlanContext context{
      rule,
      *rules_,
      {},
      facts,
      engine_.ledger(),
      db,
      slot,
      tick,
      SendTimes(rule, facts.as_of(), facts.users(), facts.settings()),
      {}};
  for (const std::string& id : rule.channels) {
    const auto found =
        std::find_if(channels_.begin(), channels_.end(),
                     [&](const ChannelFacts& c) { return c.id == id; });
    context.channels.push_back(found == channels_.end() ? nullptr : &*found);
  }
  return context;
}

std::optional<Phrase> Planner::GuardProblem(const PlanContext& context,
                                            int64_t eligible) const {
  const std::string& rule_id = context.rule.id;
  auto problem = BlastGuardProblem(
      context.rule, eligible,
      static_cast<int64_t>(context.facts.Known().Count()),
      SlotBook::MostEligible(context.db, rule_id, context.slot, kGuardSlots));
  if (!problem ||
      Oversight::IsSlotApproved(context.db, rule_id, context.slot)) {
    return std::nullopt;
  }
  return problem;
}

SlotPlan Planner::Decided(const Due& due, const UserSet& matched,
                          const UserSet& in_slot, PlanContext& context) const {
  SlotPlan plan = PlanOf(due);
  const size_t mark = context.tick.caps.Mark();
  Decisions decisions = Decide(context, matched - in_slot);
  plan.candidates = std::move(decisions.candidates);
  plan.eligible = decisions.eligible + static_cast<int64_t>(in_slot.Count());
  const auto problem = GuardProblem(context, plan.eligible);
  if (problem && due.reason != Reason::kApproval) {
    plan.verdict = SlotVerdict::kStopped;
    plan.reason = Reason::kBlastGuard;
    plan.detail = *problem;
  }
  if (plan.verdict == SlotVerdict::kStopped) context.tick.caps.RollBack(mark);
  return plan;
}

SlotPlan Planner::Written(const Due& due, const UserSet& matched,
                          const Snapshot& facts, SQLite::Database& db,
                          Tick& tick) {
  const Rule& rule = *due.rule;
  PlanContext context = Context(rule, *due.slot, facts, db, tick);
  const UserSet in_slot = engine_.ledger().InSlot(db, rule.id, *due.slot);
  SlotPlan plan = Decided(due, matched, in_slot, context);
  SlotRow slot{
      .rule_id = rule.id,
      .slot = *due.slot,
      .reason = std::string(ReasonCode(plan.reason)),
      .rule_version = rule.version,
      .matched = static_cast<int64_t>(in_slot.Count() + plan.candidates.size()),
      .eligible = plan.eligible};
  if (plan.verdict == SlotVerdict::kStopped) {
    plan.recorded = SlotBook::Stop(db, slot, facts.as_of());
    if (plan.recorded) {
      NoteCause(db, rule, *due.slot, slot.reason, facts.as_of());
    }
    return plan;
  }
  SlotBook::Open(db, rule.id, *due.slot, rule.version, facts.as_of());
  WriteTouches(plan, context);
  SlotBook::Finish(db, slot, facts.as_of(),
                   SkippedUsers(plan, facts.users().size()));
  NoteUsers(db, rule, *due.slot, plan.eligible, facts.as_of());
  plan.recorded = true;
  return plan;
}

void Planner::WriteTouches(const SlotPlan& plan, PlanContext& context) {
  const Rule& rule = context.rule;
  Touch touch = TouchOfSlot(rule, context.slot, context.facts);
  auto next = plan.candidates.begin();
  engine_.ledger().Insert(context.db, [&]() -> const Touch* {
    next = std::find_if(next, plan.candidates.end(), IsTouch);
    if (next == plan.candidates.end()) return nullptr;
    const Candidate& c = *next++;
    touch.touch_id =
        TouchIdOf(rule.id, context.facts.users().IdOf(c.user), context.slot, 0);
    touch.user = c.user;
    touch.due_at = c.due_at;
    touch.closes_at =
        context.send_times.Of(context.send_times.ZoneOf(c.user)).closes;
    touch.arm =
        c.decision == Decision::kHoldOut ? Arm::kHeldOut : Arm::kTreated;
    touch.variant = VariantOf(rule, c);
    touch.template_id = TemplateOf(rule, c);
    context.texts->Fill(c, &touch);
    return &touch;
  });
}

}  // namespace rekindle
