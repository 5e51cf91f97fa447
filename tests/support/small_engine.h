// An engine in a folder of its own, for tests that read like a story:
//
//   SmallEngine engine("activity: open\n...");
//   engine.Did("ann", "open", "2026-03-02T09:00:00Z");
//   engine.Profile("ann", R"({"city":"上海"})");
//   auto facts = engine.At("2026-03-31");
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "engine/engine.h"
#include "tests/support/settings_text.h"
#include "tests/support/temp_dir.h"

namespace rekindle::testing {

// Throws std::runtime_error where something is refused.
class SmallEngine {
 public:
  explicit SmallEngine(const std::string& settings)
      : settings_(SettingsFrom(settings)),
        engine_(Checked(Engine::Open(dir_.path(), settings_))) {}

  void Did(const std::string& user, const std::string& event,
           const std::string& when, const std::string& properties = "") {
    Message message;
    message.user_id = user;
    message.event = event;
    message.properties = properties;
    Append(message, when);
  }
  void VisitorDid(const std::string& visitor, const std::string& event,
                  const std::string& when) {
    Message message;
    message.anonymous_id = visitor;
    message.event = event;
    Append(message, when);
  }
  void Alias(const std::string& previous, const std::string& user) {
    Message message;
    message.kind = MessageKind::kAlias;
    message.previous_id = previous;
    message.user_id = user;
    Append(message, "2026-01-01");
  }
  void Profile(const std::string& user, const std::string& json_object) {
    const Status put = engine_->PutUser(user, json_object);
    if (!put) throw std::runtime_error(put.error().message);
  }

  // A bare date is the end of that day.
  std::unique_ptr<Snapshot> At(const std::string& as_of) const {
    return engine_->At(Checked(settings_->calendar.ParseUntil(as_of)));
  }
  // As after a restart.
  void Reopen() {
    engine_.reset();
    engine_ = Checked(Engine::Open(dir_.path(), settings_));
  }
  Engine& engine() { return *engine_; }
  const EngineSettings& settings() const { return *settings_; }

 private:
  template <class T>
  static T Checked(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
  }

  // `now` is the event's own time: nothing lies in the future.
  void Append(Message& message, const std::string& when) {
    message.when = Checked(settings_->calendar.ParseMoment(when));
    const auto outcomes = engine_->Append({&message, 1}, message.when.at);
    if (outcomes.at(0).what != Intake::kAccepted) {
      throw std::runtime_error("not accepted: " + outcomes[0].reason);
    }
  }

  TempDir dir_;
  std::shared_ptr<const EngineSettings> settings_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace rekindle::testing
