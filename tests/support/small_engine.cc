#include "tests/support/small_engine.h"

#include <stdexcept>
#include <utility>

#include "tests/support/settings_text.h"

namespace rekindle::testing {
namespace {

template <class T>
T Checked(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

}  // namespace

SmallEngine::SmallEngine(const std::string& settings)
    : settings_(SettingsFrom(settings)),
      engine_(Checked(Engine::Open(dir_.path(), settings_))) {}
SmallEngine::~SmallEngine() = default;

void SmallEngine::Did(const std::string& user, const std::string& event,
                      const std::string& when, const std::string& properties) {
  Message message;
  message.user_id = user;
  message.event = event;
  message.properties = properties;
  Append(message, when);
}

void SmallEngine::VisitorDid(const std::string& visitor,
                             const std::string& event,
                             const std::string& when) {
  Message message;
  message.anonymous_id = visitor;
  message.event = event;
  Append(message, when);
}

void SmallEngine::Alias(const std::string& previous, const std::string& user) {
  Message message;
  message.kind = MessageKind::kAlias;
  message.previous_id = previous;
  message.user_id = user;
  Append(message, "2026-01-01");
}

void SmallEngine::Profile(const std::string& user,
                          const std::string& json_object) {
  const Status put = engine_->PutUser(user, json_object);
  if (!put) throw std::runtime_error(put.error().message);
}

std::unique_ptr<Snapshot> SmallEngine::At(const std::string& as_of) const {
  return engine_->At(Checked(settings_->calendar.ParseUntil(as_of)));
}

void SmallEngine::Reopen() {
  engine_.reset();
  engine_ = Checked(Engine::Open(dir_.path(), settings_));
}

void SmallEngine::Reopen(const std::string& settings, BackFill back_fill) {
  engine_.reset();
  settings_ = SettingsFrom(settings);
  engine_ = Checked(Engine::Open(dir_.path(), settings_, back_fill));
}

void SmallEngine::Append(Message& message, const std::string& when) {
  message.when = Checked(settings_->calendar.ParseMoment(when));
  const auto outcomes = engine_->Append({&message, 1}, message.when.at);
  if (outcomes.at(0).what != Intake::kAccepted) {
    throw std::runtime_error("not accepted: " + outcomes[0].reason);
  }
}

}  // namespace rekindle::testing
