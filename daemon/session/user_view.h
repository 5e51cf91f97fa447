// Everything known of one user at one instant, for `explain`, the user page
// and the API: state, labels and their history, profile, timeline, touches, and
// what each rule decides and why.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/session/session.h"
#include "engine/model/event.h"
#include "engine/standings/standing_store.h"

namespace rekindle {

struct UserView {
  // Those of an instant at which the user had come already.
  struct Lifecycle {
    State state = State::kUnknown;
    std::string substate;
    LocalDay registered, last_active_day;
    int inactive_periods = 0;
    std::vector<LabelShare> labels;
    std::optional<size_t> top_label;  // index into PreferenceSettings::labels
  };

  std::shared_ptr<const EngineSettings> settings;  // that all of it stands on
  std::string user_id;
  std::optional<Lifecycle> lifecycle;  // none: not known yet
  std::vector<std::string> tags;
  std::string profile;  // a JSON object's text
  bool exact = true;    // see Facts::exact

  // Each newest first, at most 50.
  std::vector<Event> events;
  std::vector<StandingChange> history;  // as recomputes found it
  std::vector<TouchRow> touches;
  std::vector<SkipRow> skips;  // of the newest slots

  std::vector<Planner::Explanation> rules;  // none where it is not known
};

// What is decided of rules and skips is of one rule where it is given.
// kNotFound where the id is unknown.
Result<UserView> DescribeUser(Session& session, const std::string& user_id,
                              Instant as_of,
                              const std::optional<std::string>& rule_id);

// "send" "defer" "hold_out" "skip"; "no match"; "waits" for behaviors that are
// not whole yet, whoever matches now.
std::string_view DecisionWord(const Planner::Explanation& explanation);

}  // namespace rekindle
