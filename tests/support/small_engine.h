// An engine in a folder of its own, for tests that read like a story:
//
//   SmallEngine engine("activity: open\n...");
//   engine.Did("ann", "open", "2026-03-02T09:00:00Z");
//   engine.Profile("ann", R"({"city":"上海"})");
//   auto facts = engine.At("2026-03-31");
#pragma once

#include <memory>
#include <string>

#include "engine/engine.h"
#include "tests/support/temp_dir.h"

namespace rekindle::testing {

// Throws std::runtime_error where something is refused.
class SmallEngine {
 public:
  explicit SmallEngine(const std::string& settings);
  ~SmallEngine();

  void Did(const std::string& user, const std::string& event,
           const std::string& when, const std::string& properties = "");
  void VisitorDid(const std::string& visitor, const std::string& event,
                  const std::string& when);
  void Alias(const std::string& previous, const std::string& user);
  void Profile(const std::string& user, const std::string& json_object);

  // A bare date is the end of that day.
  std::unique_ptr<Snapshot> At(const std::string& as_of) const;
  // As after a restart.
  void Reopen();
  // As after a restart with other settings.
  void Reopen(const std::string& settings, BackFill back_fill);
  Engine& engine() { return *engine_; }
  const EngineSettings& settings() const { return *settings_; }

 private:
  // `now` is the event's own time: nothing lies in the future.
  void Append(Message& message, const std::string& when);

  TempDir dir_;
  std::shared_ptr<const EngineSettings> settings_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace rekindle::testing
