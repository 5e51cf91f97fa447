// tag: vip
// tag: [vip, beta]
#include <algorithm>

#include "engine/conditions/parser.h"

namespace rekindle {
namespace {

class Tag : public Comparison {
 public:
  explicit Tag(std::vector<std::string> tags) : tags_(std::move(tags)) {}

  UserSet Select(const Facts& facts) const override {
    UserSet users;
    for (const std::string& tag : tags_) users |= facts.Tagged(tag);
    return users;
  }

 protected:
  Finding Wanted() const override { return {"tag", JoinedByOr(tags_)}; }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    std::vector<std::string> present;
    std::copy_if(
        tags_.begin(), tags_.end(), std::back_inserter(present),
        [&](const std::string& tag) { return facts.HasTag(user, tag); });
    finding.holds = !present.empty();
    finding.actual =
        present.empty() ? Phrase("not tagged") : Joined("{}, {}", present);
    return finding;
  }

 private:
  std::vector<std::string> tags_;
};

}  // namespace

ConditionPtr ParseTag(const yaml::Node& value, const ConditionScope& scope) {
  return std::make_shared<Tag>(value.AsStrings(scope.d, "tag"));
}

}  // namespace rekindle
