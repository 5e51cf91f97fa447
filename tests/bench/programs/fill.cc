#include "tests/bench/programs/fill.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/model/event_text.h"
#include "tests/bench/programs/stopwatch.h"

namespace rekindle::bench {
namespace {

constexpr size_t kBatch = 20000;

class Filler {
 public:
  Filler(Engine& engine, uint64_t id_seed)
      : engine_(engine), settings_(engine.settings()), id_seed_(id_seed) {
    messages_.reserve(kBatch);
  }

  void Add(const GeneratedEvent& event) {
    Message message;
    message.user_id = UserId(event.user);
    message.event = kBehaviorNames[event.behavior];
    message.when.at = FromMillis(int64_t{event.at} * 1000);
    message.when.day = settings_->calendar.DayOf(message.when.at);
    message.message_id = MessageId(id_seed_, ++summary_.events);
    messages_.push_back(std::move(message));
    if (messages_.size() == kBatch) Flush();
  }

  FillSummary Finish() {
    Flush();
    return summary_;
  }

 private:
  void Flush() {
    if (messages_.empty()) return;
    const Stopwatch watch;
    const auto outcomes = engine_.Append(messages_, Now());
    summary_.seconds += watch.Seconds();
    for (const IntakeOutcome& outcome : outcomes) {
      if (outcome.what != Intake::kAccepted) {
        throw std::runtime_error("an event was not accepted: " +
                                 outcome.reason);
      }
    }
    messages_.clear();
  }

  static Instant Now() {
    using namespace std::chrono;
    return sys_days(2025y / January / 1);
  }

  Engine& engine_;
  const std::shared_ptr<const EngineSettings> settings_;
  const uint64_t id_seed_;
  std::vector<Message> messages_;
  FillSummary summary_;
};

}  // namespace

FillSummary Fill(Engine& engine, const FillOptions& options) {
  const Population population(options.users, options.seed);
  Filler filler(engine, options.id_seed);
  ForEachDay(population, options.stream, [&](auto events) {
    for (const GeneratedEvent& event : events) filler.Add(event);
  });
  return filler.Finish();
}

}  // namespace rekindle::bench
