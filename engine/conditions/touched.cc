// touched: {rule: wake-car-control, within: 7 days}
// touched: {channel: push, state: opened}
// not_touched: {within: 30 days}
// touched: {}                                    by anything, ever
//
// Whether a touch was planned for the user in the time, by the ledger. Without
// `state`: one that went out or is to go out, so no hold-out, none dropped and
// none failed. A state stands for those that follow it on the way (accepted,
// delivered, opened, clicked). `not_touched` is the rest of those who are
// known.
#include <fmt/format.h>

#include <algorithm>

#include "config/base/words.h"
#include "engine/conditions/parser.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

constexpr TouchState kStates[] = {
    TouchState::kPlanned,   TouchState::kClaimed, TouchState::kAccepted,
    TouchState::kDelivered, TouchState::kOpened,  TouchState::kClicked,
    TouchState::kBounced,   TouchState::kUnknown, TouchState::kFailed,
    TouchState::kDropped,   TouchState::kHeldOut};
// The way of a touch that does well.
constexpr TouchState kWay[] = {TouchState::kAccepted, TouchState::kDelivered,
                               TouchState::kOpened, TouchState::kClicked};
const std::vector<TouchState> kContacted = {
    TouchState::kPlanned,  TouchState::kClaimed,   TouchState::kUnknown,
    TouchState::kAccepted, TouchState::kDelivered, TouchState::kBounced,
    TouchState::kOpened,   TouchState::kClicked};

// As written.
struct Contact {
  std::vector<std::string> rules;
  std::vector<std::string> channels;
  std::vector<TouchState> states;
  std::optional<Duration> within;
};

class Touched : public Comparison {
 public:
  Touched(Contact contact, bool negated)
      : contact_(std::move(contact)), negated_(negated) {}

  UserSet Select(const Facts& facts) const override {
    const UserSet touched = facts.Touched(QuestionAt(facts));
    return negated_ ? facts.Known() - touched : touched;
  }

 protected:
  Finding Wanted() const override {
    std::vector<Phrase> parts;
    if (!contact_.rules.empty()) {
      parts.push_back(Phrase("by {}", JoinedByOr(contact_.rules)));
    }
    if (!contact_.channels.empty()) {
      parts.push_back(Phrase("through {}", JoinedByOr(contact_.channels)));
    }
    if (!contact_.states.empty()) {
      std::vector<Phrase> states;
      for (TouchState state : contact_.states) {
        states.push_back(StateWords(state));
      }
      parts.push_back(Phrase("and {}", JoinedByOr(states)));
    }
    if (contact_.within) {
      parts.push_back(Phrase("within {}", PhraseOf(*contact_.within)));
    }
    const Phrase wanted =
        parts.empty() ? Phrase("ever") : Joined("{} {}", parts);
    if (!negated_) return {"touched", wanted};
    return {"not_touched", Phrase("not: {}", wanted)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const auto last = facts.LastTouchOf(user, QuestionAt(facts));
    finding.actual = last ? Told(*last, facts) : Phrase("no such touch");
    finding.holds = last.has_value() != negated_;
    return finding;
  }

 private:
  static Phrase StateWords(TouchState state) {
    return Phrase::Code("touch_state", TouchStateName(state));
  }

  static Phrase Told(const PlannedTouch& touch, const Facts& facts) {
    const std::string at =
        facts.settings().calendar.FormatMinute(touch.planned_at);
    const Phrase state = StateWords(touch.state);
    if (touch.channel.empty()) {
      return Phrase("{} by {} on {}", state, touch.rule_id, at);
    }
    return Phrase("{} by {} through {} on {}", state, touch.rule_id,
                  touch.channel, at);
  }

  TouchQuestion QuestionAt(const Facts& facts) const {
    TouchQuestion question{contact_.rules, contact_.channels, States(), {}};
    if (!contact_.within) return question;
    const EngineSettings& settings = facts.settings();
    question.from = contact_.within->rolls()
                        ? RollBack(*contact_.within, facts.as_of())
                        : settings.calendar.StartOf(
                              DaysBack(*contact_.within, facts.today(),
                                       settings.lifecycle.period)
                                  .first);
    return question;
  }

  std::vector<TouchState> States() const {
    if (contact_.states.empty()) return kContacted;
    std::vector<TouchState> states = contact_.states;
    for (TouchState state : contact_.states) {
      const auto at = std::find(std::begin(kWay), std::end(kWay), state);
      states.insert(states.end(), at, std::end(kWay));
    }
    std::sort(states.begin(), states.end());
    states.erase(std::unique(states.begin(), states.end()), states.end());
    return states;
  }

  Contact contact_;
  bool negated_;
};

// Campaigns run elsewhere bring names of their own, so a name that is not
// configured is no error; it may be a slip.
std::vector<std::string> ParseIds(const yaml::Node& node,
                                  const ConditionScope& scope,
                                  std::string_view what,
                                  const std::vector<std::string>& known) {
  std::vector<std::string> ids;
  for (const yaml::Node& id : node.AsOneOrMany(scope.d, what)) {
    ids.push_back(id.text());
    if (std::find(known.begin(), known.end(), id.text()) != known.end()) {
      continue;
    }
    scope.d.Warning(
        id.position(),
        fmt::format("no {} \"{}\" is configured: only touches imported under "
                    "this name count{}",
                    what, id.text(), Suggestion(id.text(), known)));
  }
  return ids;
}

std::vector<TouchState> ParseStates(const yaml::Node& node,
                                    const ConditionScope& scope) {
  std::vector<std::string> names;
  for (TouchState state : kStates) names.emplace_back(TouchStateName(state));
  std::vector<TouchState> states;
  for (const yaml::Node& name : node.AsOneOrMany(scope.d, "state")) {
    if (!yaml::CheckKnown(name, scope.d, "state of a touch", names)) continue;
    states.push_back(*ParseTouchState(name.text()));
  }
  return states;
}

ConditionPtr ParseContact(const yaml::Node& value, const ConditionScope& scope,
                          bool negated) {
  const std::string what = negated ? "not_touched" : "touched";
  yaml::Section section(value, scope.d, what);
  Contact contact;
  if (const auto node = section.Take("rule")) {
    contact.rules = ParseIds(*node, scope, "rule", scope.vocabulary.rules);
  }
  if (const auto node = section.Take("channel")) {
    contact.channels =
        ParseIds(*node, scope, "channel", scope.vocabulary.channels);
  }
  if (const auto node = section.Take("state")) {
    contact.states = ParseStates(*node, scope);
  }
  if (const auto node = section.Take("within")) {
    contact.within = node->AsDuration(scope.d, "within");
  }
  section.Finish();
  return std::make_shared<Touched>(std::move(contact), negated);
}

}  // namespace

ConditionPtr ParseTouched(const yaml::Node& value,
                          const ConditionScope& scope) {
  return ParseContact(value, scope, /*negated=*/false);
}

ConditionPtr ParseNotTouched(const yaml::Node& value,
                             const ConditionScope& scope) {
  return ParseContact(value, scope, /*negated=*/true);
}

}  // namespace rekindle
