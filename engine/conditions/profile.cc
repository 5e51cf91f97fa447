// profile: {city: [上海, 杭州], age: {gte: 18}, vip: true}
#include "engine/behavior/value_test.h"
#include "engine/conditions/parser.h"

namespace rekindle {
namespace {

using Tests = std::vector<std::pair<std::string, ValueTest>>;

class Profile : public Comparison {
 public:
  // REQUIRES: at least one test.
  explicit Profile(Tests tests) : tests_(std::move(tests)) {}

  UserSet Select(const Facts& facts) const override {
    UserSet users = facts.Known();
    for (const auto& [key, test] : tests_) {
      users &= facts.WithProfile(key, test);
    }
    return users;
  }

 protected:
  Finding Wanted() const override {
    std::vector<Phrase> wanted;
    for (const auto& [key, test] : tests_) {
      wanted.push_back(Phrase("{} {}", key, test.Describe()));
    }
    return {"profile", Joined("{}; {}", wanted)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    finding.holds = true;
    std::vector<Phrase> values;
    for (const auto& [key, test] : tests_) {
      const Value value = facts.ProfileOf(user, key);
      const bool missing = std::holds_alternative<std::monostate>(value);
      values.push_back(missing ? Phrase("{} missing", key)
                               : Phrase("{} {}", key, ValueText(value)));
      finding.holds &= test.Holds(value);
    }
    finding.actual = Joined("{}; {}", values);
    return finding;
  }

 private:
  Tests tests_;
};

}  // namespace

ConditionPtr ParseProfile(const yaml::Node& value,
                          const ConditionScope& scope) {
  if (!value.IsMap() || value.Entries().empty()) {
    scope.d.Error(value.position(),
                  "profile must be a map of profile keys, like {city: 上海, "
                  "age: {gte: 18}}");
    return nullptr;
  }
  Tests tests;
  for (const auto& [key, wanted] : value.Entries()) {
    auto test = ValueTest::Parse(wanted, scope.d, key.text(),
                                 scope.vocabulary.calendar);
    if (test) tests.emplace_back(key.text(), *std::move(test));
  }
  return std::make_shared<Profile>(std::move(tests));
}

}  // namespace rekindle
