// prefers: car_control
// top_preference: [car_control, shop]
#include <fmt/format.h>

#include <algorithm>

#include "engine/conditions/parser.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

// Labels by index, and their names for messages.
struct Labels {
  std::vector<size_t> indexes;
  std::vector<std::string> names;

  bool Have(size_t label) const {
    return std::find(indexes.begin(), indexes.end(), label) != indexes.end();
  }
};

// "car_control on 2 of 13 active days (15.4%)", and why that gives no label.
Phrase ShareWords(const std::string& name, const LabelShare& share,
                  const PreferenceSettings& settings) {
  const Phrase words =
      Phrase("{} on {} of {} active days ({}%)", name, share.days,
             share.active_days, fmt::format("{:.1f}", 100 * share.share()));
  if (share.labeled) return words;
  if (share.active_days < settings.min_active_days) {
    return Phrase("{}, needs {} active days", words, settings.min_active_days);
  }
  return Phrase("{}, needs {}%", words,
                fmt::format("{:g}", 100 * settings.threshold));
}

class Prefers : public Comparison {
 public:
  explicit Prefers(Labels labels) : labels_(std::move(labels)) {}

  UserSet Select(const Facts& facts) const override {
    UserSet users;
    for (size_t label : labels_.indexes) users |= facts.Labeled(label);
    return users;
  }

  SetPlan::Term Plan(Terms& terms) const override {
    SetPlan::Term users = terms.Nobody();
    for (size_t label : labels_.indexes) {
      users = terms.Or(users, terms.Labeled(label));
    }
    return users;
  }

  void Collect(ConditionUses* uses) const override {
    uses->labels.insert(labels_.indexes.begin(), labels_.indexes.end());
  }

 protected:
  Finding Wanted() const override {
    return {"prefers", JoinedByOr(labels_.names)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const std::vector<LabelShare> shares = facts.LabelsOf(user);
    std::vector<Phrase> shown;
    for (size_t i = 0; i < labels_.indexes.size(); ++i) {
      const auto share = std::find_if(
          shares.begin(), shares.end(), [&](const LabelShare& candidate) {
            return candidate.label == labels_.indexes[i];
          });
      if (share == shares.end()) {
        shown.push_back(Phrase("{} on no active day", labels_.names[i]));
        continue;
      }
      shown.push_back(
          ShareWords(labels_.names[i], *share, facts.settings().preferences));
      finding.holds |= share->labeled;
    }
    finding.actual = Joined("{}; {}", shown);
    return finding;
  }

 private:
  Labels labels_;
};

class TopPreference : public Comparison {
 public:
  explicit TopPreference(Labels labels) : labels_(std::move(labels)) {}

  UserSet Select(const Facts& facts) const override {
    UserSet users;
    for (size_t label : labels_.indexes) users |= facts.TopLabel(label);
    return users;
  }

  void Collect(ConditionUses* uses) const override {
    uses->labels.insert(labels_.indexes.begin(), labels_.indexes.end());
  }

 protected:
  Finding Wanted() const override {
    return {"top_preference", JoinedByOr(labels_.names)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const std::optional<size_t> top = facts.TopLabelOf(user);
    finding.actual = top ? facts.settings().preferences.labels[*top].name
                         : Phrase("no label");
    finding.holds = top && labels_.Have(*top);
    return finding;
  }

 private:
  Labels labels_;
};

template <class C>
ConditionPtr ParseLabels(const yaml::Node& value, const ConditionScope& scope,
                         std::string_view key) {
  Labels labels;
  labels.indexes =
      ParseNames(value, scope, key, "label", scope.vocabulary.labels);
  for (size_t index : labels.indexes) {
    labels.names.push_back(scope.vocabulary.labels[index]);
  }
  return std::make_shared<C>(std::move(labels));
}

}  // namespace

ConditionPtr ParsePrefers(const yaml::Node& value,
                          const ConditionScope& scope) {
  return ParseLabels<Prefers>(value, scope, "prefers");
}

ConditionPtr ParseTopPreference(const yaml::Node& value,
                                const ConditionScope& scope) {
  return ParseLabels<TopPreference>(value, scope, "top_preference");
}

}  // namespace rekindle
