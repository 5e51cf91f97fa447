// prefers: car_control
// top_preference: [car_control, shop]
#include <fmt/format.h>

#include <algorithm>

#include "config/base/words.h"
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
std::string ShareText(const std::string& name, const LabelShare& share,
                      const PreferenceSettings& settings) {
  std::string text =
      fmt::format("{} on {} of {} active days ({:.1f}%)", name, share.days,
                  share.active_days, 100 * share.share());
  if (share.labeled) return text;
  if (share.active_days < settings.min_active_days) {
    return text +
           fmt::format(", needs {} active days", settings.min_active_days);
  }
  return text + fmt::format(", needs {:g}%", 100 * settings.threshold);
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
  Finding Wanted() const override { return {"prefers", OneOf(labels_.names)}; }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const std::vector<LabelShare> shares = facts.LabelsOf(user);
    std::vector<std::string> texts;
    for (size_t i = 0; i < labels_.indexes.size(); ++i) {
      const auto share = std::find_if(
          shares.begin(), shares.end(), [&](const LabelShare& candidate) {
            return candidate.label == labels_.indexes[i];
          });
      if (share == shares.end()) {
        texts.push_back(labels_.names[i] + " on no active day");
        continue;
      }
      texts.push_back(
          ShareText(labels_.names[i], *share, facts.settings().preferences));
      finding.holds |= share->labeled;
    }
    finding.actual = Join(texts, "; ");
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
    return {"top_preference", OneOf(labels_.names)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const std::optional<size_t> top = facts.TopLabelOf(user);
    finding.actual =
        top ? facts.settings().preferences.labels[*top].name : "no label";
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
