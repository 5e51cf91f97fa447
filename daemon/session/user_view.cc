#include "daemon/session/user_view.h"

#include <span>
#include <utility>

namespace rekindle {
namespace {

constexpr size_t kLatest = 50;

std::vector<Event> EventsOf(const Snapshot& facts, UserNumber user) {
  std::vector<Event> events;
  const std::vector<UserNumber> numbers = facts.users().NumbersOf(user);
  for (Event& event : facts.journal().ReadUser(numbers, kLatest)) {
    if (event.when.at <= facts.as_of()) events.push_back(std::move(event));
  }
  return events;
}

std::vector<StandingChange> HistoryOf(Engine& engine, const Snapshot& facts,
                                      UserNumber user) {
  auto changes = engine.store().Read(
      [&](SQLite::Database& db) { return StandingHistory(db, user); });
  std::vector<StandingChange> history;
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->at > facts.as_of()) continue;
    if (history.size() == kLatest) break;
    history.push_back(std::move(*change));
  }
  return history;
}

std::vector<SkipRow> SkipsOf(Engine& engine,
                             std::span<const UserNumber> numbers,
                             const std::optional<std::string>& rule_id) {
  constexpr int64_t kSlots = 200;
  auto skips = engine.ledger().slots().SkipsOf(numbers, rule_id, kSlots);
  if (skips.size() > kLatest) skips.resize(kLatest);
  return skips;
}

std::optional<UserView::Lifecycle> LifecycleOf(const Snapshot& facts,
                                               UserNumber user) {
  if (!facts.Known().Contains(user)) return std::nullopt;
  return UserView::Lifecycle{.state = facts.StateOf(user),
                             .substate = facts.SubstateOf(user),
                             .registered = facts.RegisteredOn(user),
                             .last_active_day = facts.LastActiveDay(user),
                             .inactive_periods = facts.InactivePeriods(user),
                             .labels = facts.LabelsOf(user),
                             .top_label = facts.TopLabelOf(user)};
}

}  // namespace

Result<UserView> DescribeUser(Session& session, const std::string& user_id,
                              Instant as_of,
                              const std::optional<std::string>& rule_id) {
  Engine& engine = session.engine();
  UserNumber user;
  std::vector<UserNumber> numbers;
  UserView view;
  {
    auto facts = engine.At(as_of);
    user = facts->users().Find(user_id);
    if (user == kNoUser) {
      return Fail(ErrorKind::kNotFound, "there is no user \"" + user_id + "\"");
    }
    view.settings = engine.settings();  // no others while there are facts
    view.user_id = facts->users().IdOf(user);
    view.lifecycle = LifecycleOf(*facts, user);
    view.tags = facts->users().TagsOf(user);
    view.profile = facts->users().ProfileOf(user);
    view.exact = facts->exact();
    view.events = EventsOf(*facts, user);
    view.history = HistoryOf(engine, *facts, user);
    view.touches =
        engine.ledger().Touches({.user = user, .limit = int64_t{kLatest}});
    numbers = facts->users().NumbersOf(user);
  }
  // Takes its time, for which events need not wait.
  view.skips = SkipsOf(engine, numbers, rule_id);
  if (view.lifecycle) view.rules = session.Explain(user, as_of, rule_id);
  return view;
}

std::string_view DecisionWord(const Planner::Explanation& explanation) {
  if (!explanation.waits_for.empty()) return "waits";
  return explanation.matched ? DecisionName(explanation.decision) : "no match";
}

}  // namespace rekindle
