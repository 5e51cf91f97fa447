// Repeat: how often this rule may reach one user. `per_episode` counts its
// touches since the user was last active, as known now: an event that arrives
// late, dated before a touch, opens no new episode. `every` counts local days.
// Both arms count, whatever became of the touch.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "rules/stages/stages.h"

namespace rekindle {
namespace {

const std::vector<Instant> kNoTouches;

using Planned = std::unordered_map<UserNumber, std::vector<Instant>>;

class RepeatStage : public Stage {
 public:
  std::string_view name() const override { return "repeat"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    const Limits& limits = context.rule.limits;
    Planned planned = Read(context, candidates);
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      const bool explain = c.user == context.explained;
      auto found = planned.find(c.user);
      if (found == planned.end() && !explain) continue;
      const auto& touches = found == planned.end() ? kNoTouches : found->second;
      if (limits.per_episode) CheckEpisode(context, touches, explain, c);
      if (limits.every && IsOpen(c)) CheckEvery(context, touches, explain, c);
    }
  }

 private:
  // This rule's touches of the candidates, as far back as the limits look.
  static Planned Read(const PlanContext& context,
                      const std::vector<Candidate>& candidates) {
    Planned planned;
    const Instant from = ReadFrom(context, candidates);
    UserSet users;
    for (const Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      users.Add(c.user);
    }
    context.ledger.RuleTouches(context.db, context.rule.id, from, context.slot,
                               [&](UserNumber user, Instant at) {
                                 if (users.Contains(user)) {
                                   planned[user].push_back(at);
                                 }
                               });
    return planned;
  }

  static Instant ReadFrom(const PlanContext& context,
                          const std::vector<Candidate>& candidates) {
    const Snapshot& facts = context.facts;
    Instant from = facts.as_of();
    if (context.rule.limits.every) from = EveryFrom(context);
    if (!context.rule.limits.per_episode || candidates.empty()) return from;
    LocalDay earliest = facts.today();
    for (const Candidate& c : candidates) {
      earliest = std::min(earliest, facts.LastActiveDay(c.user));
    }
    return std::min(from, facts.settings().calendar.StartOf(earliest));
  }

  // From when on a touch counts for `every`.
  static Instant EveryFrom(const PlanContext& context) {
    const Snapshot& facts = context.facts;
    const Duration& every = *context.rule.limits.every;
    if (every.rolls()) {
      // Exactly as long ago is long enough.
      return RollBack(every, facts.as_of()) + std::chrono::milliseconds(1);
    }
    DayRange days =
        DaysBack(every, facts.today(), facts.settings().lifecycle.period);
    return facts.settings().calendar.StartOf(days.first);
  }

  static void CheckEpisode(const PlanContext& context,
                           const std::vector<Instant>& touches, bool explain,
                           Candidate& c) {
    const Calendar& calendar = context.facts.settings().calendar;
    const Instant since = context.facts.LastActivity(c.user);
    auto count = std::count_if(touches.begin(), touches.end(),
                               [&](Instant at) { return at >= since; });
    const int most = *context.rule.limits.per_episode;
    if (count < most && !explain) return;
    std::string detail = fmt::format(
        "{} since the last activity ({}), per_episode {}",
        CountOf(count, "touch", "touches"), calendar.FormatMinute(since), most);
    if (count >= most) return Skip(c, Reason::kRepeat, std::move(detail));
    c.detail = std::move(detail);
  }

  static void CheckEvery(const PlanContext& context,
                         const std::vector<Instant>& touches, bool explain,
                         Candidate& c) {
    const Calendar& calendar = context.facts.settings().calendar;
    const Instant from = EveryFrom(context);
    const Instant to = context.rule.limits.every->rolls()
                           ? context.facts.as_of()
                           : calendar.EndOf(context.facts.today());
    auto count = std::count_if(touches.begin(), touches.end(), [&](Instant at) {
      return at >= from && at <= to;
    });
    if (count == 0 && !explain) return;
    std::string detail =
        fmt::format("{} since {}, every {}", CountOf(count, "touch", "touches"),
                    calendar.FormatMinute(from),
                    FormatDuration(*context.rule.limits.every));
    if (count > 0) return Skip(c, Reason::kRepeat, std::move(detail));
    if (!c.detail.empty()) c.detail += "; ";
    c.detail += detail;
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeRepeatStage() {
  return std::make_unique<RepeatStage>();
}

}  // namespace rekindle
