// A user made up for a test, and what conditions say of them.
#pragma once

#include <string>

#include "tests/support/fake_facts.h"
#include "tests/unit/engine/conditions/condition_fixture.h"

namespace rekindle {

// It is noon on Tuesday 2026-02-17 in Shanghai.
class OneUser : public ::testing::Test {
 protected:
  OneUser() {
    facts_.configured = Settings();
    facts_.users.resize(1);
    AsOf(Day(2026, 2, 17), std::chrono::hours(12));
    user().registered = Day(2020, 1, 1);
  }

  testing::FakeUser& user() { return facts_.users[0]; }

  Instant At(LocalDay day, std::chrono::seconds time = std::chrono::hours(10)) {
    return facts_.configured.calendar.At(day, time);
  }
  void AsOf(LocalDay day, std::chrono::seconds time) {
    facts_.now = At(day, time);
  }
  void Did(BehaviorIndex behavior, Instant at) {
    user().events[behavior].push_back(at);
  }
  void ActiveLast(LocalDay day) { user().events[0] = {At(day)}; }

  // The finding, after a check that the set agrees.
  Finding Explain(const std::string& text) {
    const auto condition = Good(text, facts_.configured);
    Finding finding = condition->Explain(facts_, 0);
    EXPECT_EQ(condition->Select(facts_).Contains(0), finding.holds) << text;
    return finding;
  }
  bool Holds(const std::string& text) { return Explain(text).holds; }
  std::string Text(const std::string& text) {
    const Finding f = Explain(text);
    return f.key + ": " + f.wanted.English() + " | " + f.actual.English() +
           " | " + (f.holds ? "holds" : "does not hold");
  }

  testing::FakeFacts facts_;
};

}  // namespace rekindle
