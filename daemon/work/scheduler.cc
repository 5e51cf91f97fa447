#include "daemon/work/scheduler.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "engine/standings/standing_store.h"
#include "rules/slot_notices.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

constexpr auto kPauseBetweenSteps = 1s;
constexpr auto kPauseAfterFailure = 10s;
constexpr auto kCheckpointEvery = 5min;
constexpr auto kNoteFailuresEvery = 1min;
constexpr auto kNoteHarmsEvery = 1h;
// Slots are looked at again at least this often, so that a wall clock set forth
// cannot leave the scheduler waiting for an instant long gone.
constexpr auto kLookAgain = 1min;

// A missed or stopped slot is found again by every later tick; only the one
// that recorded it tells.
void LogSlots(const std::vector<SlotPlan>& plans) {
  for (const SlotPlan& plan : plans) {
    if (plan.verdict == SlotVerdict::kWorked) {
      spdlog::info(
          "rule {}: {} matched, {} send, {} defer, {} hold_out, {} skip",
          plan.rule_id, plan.candidates.size(), plan.Count(Decision::kSend),
          plan.Count(Decision::kDefer), plan.Count(Decision::kHoldOut),
          plan.Count(Decision::kSkip));
    } else if (plan.verdict == SlotVerdict::kStopped && plan.recorded) {
      spdlog::warn("rule {}: a slot is stopped: {}{}{}", plan.rule_id,
                   ReasonCode(plan.reason), plan.detail.empty() ? "" : ": ",
                   plan.detail.English());
    } else if (plan.verdict == SlotVerdict::kMissed && plan.recorded) {
      spdlog::warn(
          "rule {}: a slot was found later than max_late and is recorded as "
          "missed",
          plan.rule_id);
    } else if (plan.verdict == SlotVerdict::kWaits) {
      spdlog::info("rule {} waits: {}", plan.rule_id,
                   WaitText(plan.waits_for).English());
    }
  }
}

// The recompute slot last worked, kept in the store so that a restart neither
// repeats nor loses one.
constexpr char kLastRecompute[] = "last_recompute_slot";

Instant LastRecomputeSlot(Store& store) {
  return FromMillis(std::stoll(store.Read([](SQLite::Database& db) {
    return Store::GetMeta(db, kLastRecompute, "0");
  })));
}

void SetLastRecomputeSlot(Store& store, Instant slot) {
  store.Write([&](SQLite::Database& db) {
    Store::SetMeta(db, kLastRecompute, std::to_string(ToMillis(slot)));
  });
}

// As the store tells it after a restart: when people last changed, or where the
// last recompute found nobody changed, when it was due.
std::optional<Instant> LastRecompute(Store& store, Instant now) {
  const Instant slot = LastRecomputeSlot(store);
  const auto step = store.Read(LastStepAt);
  if (step && *step > slot && *step <= now) return step;
  if (slot == Instant()) return std::nullopt;
  return slot;
}

}  // namespace

Scheduler::Scheduler(Session& session, std::function<void()> planned)
    : session_(session),
      planned_(std::move(planned)),
      health_{.last_recompute = LastRecompute(session.engine().store(),
                                              session.clock().Now())},
      next_checkpoint_(session.clock().Now() + kCheckpointEvery),
      thread_([this] { Loop(); }) {}

Scheduler::~Scheduler() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Scheduler::Wake() {
  {
    std::lock_guard lock(mutex_);
    next_due_.reset();
  }
  wake_.notify_all();
}

SchedulerHealth Scheduler::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void Scheduler::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    std::string failure;
    try {
      Step(session_.clock().Now());
    } catch (const std::exception& e) {
      failure = e.what();
      spdlog::error("scheduler: {}; trying again", failure);
    }
    lock.lock();
    health_.last_step = session_.clock().Now();
    health_.failure = failure;
    if (stopping_) break;
    if (failure.empty()) {
      wake_.wait_for(lock, kPauseBetweenSteps);
    } else {
      wake_.wait_for(lock, kPauseAfterFailure);
    }
  }
}

void Scheduler::Step(Instant now) {
  if (now < stepped_at_) {
    // The clock was set back: what was to come by it would come too late.
    next_checkpoint_ = next_failures_ = next_harms_ = now;
    std::lock_guard lock(mutex_);
    next_due_.reset();
  }
  stepped_at_ = now;
  session_.engine().MendColumns();
  RecomputeIfDue(now);
  RunIfDue(now);
  NoteOutcomesIfDue(now);
  CheckpointIfDue(now);
}

void Scheduler::RecomputeIfDue(Instant now) {
  auto configuration = session_.configuration();
  auto due =
      configuration->recompute.LatestDue(now, configuration->engine->calendar);
  Store& store = session_.engine().store();
  if (!due || *due <= LastRecomputeSlot(store)) return;
  // What is not whole yet is stored by the next step that finds it whole.
  if (!session_.engine().CheckFilled()) return;
  int64_t changed = session_.engine().Recompute(now);
  SetLastRecomputeSlot(store, *due);
  int64_t pruned = session_.engine().PruneRawEvents();
  spdlog::info(
      "recompute: {} users changed state or labels; {} raw events pruned",
      changed, pruned);
  std::lock_guard lock(mutex_);
  health_.last_recompute = now;
}

void Scheduler::RunIfDue(Instant now) {
  {
    std::lock_guard lock(mutex_);
    if (next_due_ && now < *next_due_) return;
  }
  SlotBook& slots = session_.engine().ledger().slots();
  Planner::Ask ask;
  ask.not_before = [&](const std::string& rule_id) {
    return std::optional(slots.FirstLoaded(rule_id, now));
  };
  LogSlots(session_.Run(now, ask));
  planned_();
  std::lock_guard lock(mutex_);
  next_due_ = NextDue(now);
}

void Scheduler::NoteOutcomesIfDue(Instant now) {
  const auto rules = session_.configuration()->rules;
  if (now >= next_failures_) {
    DropOfGoneChannels(now);
    NoteFailures(session_.engine(), *rules, now);
    next_failures_ = now + kNoteFailuresEvery;
  }
  if (now >= next_harms_) {
    NoteHarms(session_.engine(), *rules, now);
    next_harms_ = now + kNoteHarmsEvery;
  }
}

void Scheduler::DropOfGoneChannels(Instant now) {
  const auto configuration = session_.configuration();
  Ledger& ledger = session_.engine().ledger();
  for (const std::string& id : ledger.WaitedFor()) {
    if (configuration->FindChannel(id) != nullptr) continue;
    const int64_t dropped = ledger.DropExpired(id, now);
    if (dropped == 0) continue;
    spdlog::warn(
        "channel {}: it is gone from the settings, and {} touches that waited "
        "for it have expired",
        id, dropped);
  }
}

Instant Scheduler::NextDue(Instant now) const {
  auto configuration = session_.configuration();
  Instant next = now + kLookAgain;
  for (const Rule& rule : configuration->rules->rules) {
    if (!rule.enabled) continue;
    auto due = rule.schedule.NextDue(now, configuration->engine->calendar);
    if (due) next = std::min(next, *due);
  }
  return next;
}

void Scheduler::CheckpointIfDue(Instant now) {
  if (now < next_checkpoint_) return;
  session_.engine().Checkpoint();
  session_.engine().CompactJournal(Journal::Flushing::kBegin);
  next_checkpoint_ = now + kCheckpointEvery;
}

}  // namespace rekindle
