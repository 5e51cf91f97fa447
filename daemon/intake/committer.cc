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
  {
    std::lock_guard lock(mutex_);
    waiting_messages_ += call->messages.size();
    waiting_.push_back({std::move(call), std::move(done)});
  }
  wake_.notify_one();
}

void Committer::Loop() {
  for (;;) {
    std::unique_lock turn(turn_);
    Group group = TakeGroup();
    if (group.empty()) return;
    const Instant now = clock_.Now();
    const bool appended = Try([&] { Append(group, now, std::move(turn)); });
    const bool kept = appended && Try([&] { KeepRefused(group, now); });
    if (kept && stats_.failing.exchange(false)) {
      spdlog::info("intake: works again");
    }
    for (Waiting& waiting : group) {
      const bool durable = kept || (appended && waiting.call->refused.empty());
      if (durable) Count(*waiting.call);
      waiting.done(std::move(waiting.call), durable);
    }
    {
      std::lock_guard lock(mutex_);
      --groups_under_way_;
    }
    wake_.notify_one();
    engine_.CheckpointIfDue();
  }
}

Committer::Group Committer::TakeGroup() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] {
    return stopping_ || waiting_messages_ >= kWorthASync ||
           (!waiting_.empty() && groups_under_way_ == 0);
  });
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
  return group;
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

void Committer::Append(Group& group, Instant now,
                       std::unique_lock<std::mutex> turn) {
  messages_.clear();
  for (const Waiting& waiting : group) {
    messages_.insert(messages_.end(), waiting.call->messages.begin(),
                     waiting.call->messages.end());
  }
  if (messages_.empty()) return;
  Engine::Appended appended = engine_.BeginAppend(messages_, now);
  turn.unlock();
  TakeOutcomes(engine_.FinishAppend(std::move(appended)), group);
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
