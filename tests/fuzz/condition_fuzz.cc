// Conditions: what does not read is refused with its place; of what reads, the
// set, the set among some, and the explanation agree about every user.
#include <memory>
#include <string>

#include "config/yaml/document.h"
#include "engine/conditions/condition.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/fake_facts.h"
#include "tests/support/settings_text.h"

namespace rekindle {
namespace {

using fuzz::Require;

constexpr char kSettings[] = R"(
time_zone: Asia/Shanghai
behaviors:
  trip: {event: trip_completed}
  shop: {event: order_paid}
lifecycle:
  substates: {churned: {driving: {did: {behavior: trip, within: 2 months}}}}
preferences:
  labels: {driver: trip, shopper: shop}
segments:
  vips: {tag: vip}
  adults: {profile: {age: {gte: 18}}}
)";

// A handful of users who differ in all that can be asked.
testing::FakeFacts MakeFacts() {
  testing::FakeFacts facts;
  facts.configured = *testing::SettingsFrom(kSettings);
  const Calendar& calendar = facts.configured.calendar;
  const LocalDay today{std::chrono::year(2026) / 2 / 17};
  facts.now = calendar.At(today, std::chrono::hours(12));
  facts.users.resize(6);
  for (int i = 0; i < 6; ++i) {
    testing::FakeUser& user = facts.users[i];
    user.known = i != 5;
    user.registered = today - std::chrono::days(40 * i);
    user.state = kAllStates[i];
    for (int days = 0; days < 3 * i; ++days) {
      const LocalDay day = today - std::chrono::days(days * i);
      user.events[days % 3].push_back(
          calendar.At(day, std::chrono::hours(8 + i)));
    }
    if (i % 2 == 1) user.tags.insert("vip");
    user.profile["age"] = 15.0 + i;
    user.profile["city"] = i < 3 ? "上海" : "杭州";
  }
  return facts;
}

void RequireAgreement(const Condition& condition) {
  static const testing::FakeFacts facts = MakeFacts();
  const UserSet all = condition.Select(facts);
  UserSet some = facts.Known();
  some.Remove(2);
  const UserSet among = condition.SelectAmong(facts, some);
  for (UserNumber user = 0; user < facts.users.size(); ++user) {
    const Finding finding = condition.Explain(facts, user);
    Require(finding.holds == all.Contains(user), "the explanation is the set");
    Require(!finding.key.empty() && !finding.actual.empty(),
            "the explanation names what was compared");
    Require(among.Contains(user) == (user != 2 && all.Contains(user)),
            "among some, it is the same");
  }
}

}  // namespace
}  // namespace rekindle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  static const auto settings = testing::SettingsFrom(kSettings);
  static const Vocabulary vocabulary = VocabularyOf(*settings);
  yaml::Diagnostics d;
  const auto node =
      yaml::Parse("condition.yaml", std::string(fuzz::TextOf(data, size)), d);
  if (node) {
    const auto condition = ParseCondition(*node, vocabulary, d, "when");
    fuzz::Require((condition != nullptr) == d.ok(),
                  "there is a condition, or an error");
    if (condition) RequireAgreement(*condition);
  }
  fuzz::RequirePlaces(d);
  return 0;
}
