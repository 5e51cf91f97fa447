#include "daemon/intake/committer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

namespace rekindle {
namespace {

// So that the first of a group does not wait for very many behind it.
constexpr size_t kGroupMessages = 20000;
// Fewer had better share the next sync than have one of their own: then the
// next group waits for the one under way.
constexpr size_t kWorthASync = 512;

}  // namespace

Committer::Committer(Engine& engine, const Clock& clock, RefusalLog& refusals,
                     IntakeStats& stats)
    : engine_(engine), clock_(clock), refusals_(refusals), stats_(stats) {
  for (std::thread& thread : threads_) {
    thread = std::thread([this] { Loop(); });
  }
}

Committer::~Committer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Committer::Submit(std::unique_ptr<Call> call, Done done) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    waiting_messages_ += call->messages.size();
    waiting_.push_back({std::move(call), std::move(done)});
    wake = IsTimeForGroup();
  }
  if (wake) wake_.notify_one();
}

bool Committer::IsTimeForGroup() const {
  if (turn_taken_ || waiting_.empty()) return false;
  return groups_under_way_ == 0 || waiting_messages_ >= kWorthASync;
}

void Committer::Loop() {
  for (;;) {
    Group group = TakeGroup();
    if (group.empty()) return;
    const Instant now = clock_.Now();
    Engine::Appended begun;
    bool appended = Try([&] { begun = Begin(group, now); });
    GiveTurn();
    appended = appended && Try([&] {
                 TakeOutcomes(engine_.FinishAppend(std::move(begun)), group);
               });
    const bool kept = appended && Try([&] { KeepRefused(group, now); });
    if (kept && stats_.failing.exchange(false)) {
      spdlog::info("intake: works again");
    }
    Answer(group, appended, kept);
    const bool saves = engine_.CheckpointIsDue();
    bool wake = false;
    {
      std::lock_guard lock(mutex_);
      --groups_under_way_;
      // This thread takes the next group itself, unless it has more to do.
      wake = saves && IsTimeForGroup();
    }
    if (wake) wake_.notify_one();
    if (saves) engine_.CheckpointIfDue();
  }
}

Committer::Group Committer::TakeGroup() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] {
    return IsTimeForGroup() || (stopping_ && waiting_.empty());
  });
  if (waiting_.empty()) {
    wake_.notify_one();  // the other may have waited for the last group's end
    return {};
  }
  size_t messages = 0;
  auto end = waiting_.begin();
  while (end != waiting_.end() && messages < kGroupMessages) {
    messages += end->call->messages.size();
    ++end;
  }
  Group group(std::make_move_iterator(waiting_.begin()),
              std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  waiting_messages_ -= messages;
  ++groups_under_way_;
  turn_taken_ = true;
  return group;
}

void Committer::GiveTurn() {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    turn_taken_ = false;
    wake = IsTimeForGroup();
  }
  if (wake) wake_.notify_one();
}

bool Committer::Try(const std::function<void()>& step) {
  try {
    step();
    return true;
  } catch (const std::exception& e) {
    if (!stats_.failing.exchange(true)) {
      spdlog::error("intake: {}; clients are asked to send again", e.what());
    }
    return false;
  }
}

Engine::Appended Committer::Begin(const Group& group, Instant now) {
  messages_.clear();
  for (const Waiting& waiting : group) {
    messages_.insert(messages_.end(), waiting.call->messages.begin(),
                     waiting.call->messages.end());
  }
  if (messages_.empty()) return {};
  return engine_.BeginAppend(messages_, now);
}

void Committer::Answer(Group& group, bool appended, bool kept) {
  for (Waiting& waiting : group) {
    const bool durable = kept || (appended && waiting.call->refused.empty());
    if (durable) Count(*waiting.call);
    waiting.done(std::move(waiting.call), durable);
  }
}

void Committer::TakeOutcomes(std::vector<IntakeOutcome> outcomes,
                             Group& group) {
  auto outcome = outcomes.begin();
  int64_t accepted = 0, duplicate = 0;
  for (Waiting& waiting : group) {
    Call& call = *waiting.call;
    for (size_t i = 0; i < call.messages.size(); ++i) {
      accepted += outcome->what == Intake::kAccepted;
      duplicate += outcome->what == Intake::kDuplicate;
      // An accepted message may have brought an address that will not do.
      if (outcome->what == Intake::kRejected || !outcome->reason.empty()) {
        call.refused.push_back(
            {call.places[i], Refusal::kEngine, std::move(outcome->reason)});
      }
      ++outcome;
    }
  }
  stats_.accepted += accepted;
  stats_.duplicate += duplicate;
}

void Committer::KeepRefused(const Group& group, Instant now) {
  std::vector<const Call*> calls;
  for (const Waiting& waiting : group) {
    if (!waiting.call->refused.empty()) calls.push_back(waiting.call.get());
  }
  if (!calls.empty()) refusals_.Keep(calls, now);
}

void Committer::Count(const Call& call) {
  for (const RefusedMessage& message : call.refused) {
    stats_.CountRefused(message.refusal, 1);
  }
  stats_.clocks_off += call.clocks_off;
  stats_.body_bytes += static_cast<int64_t>(call.body.size());
}

}  // namespace rekindle
