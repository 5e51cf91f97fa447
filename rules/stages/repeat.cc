// Repeat: how often this rule may reach one user. `per_episode` counts its
// touches since the user was last active, as known now: an event that arrives
// late, dated before a touch, opens no new episode. `every` counts local days.
// Both arms count, whatever became of the touch.
#include <algorithm>
#include <span>

#include "rules/stages/stages.h"

namespace rekindle {
namespace {

struct Earlier {
  UserNumber user;
  Instant at;
};
using Touches = std::span<const Earlier>;

// Gives out what stands in a list by user, asked in ascending order.
class InOrder {
 public:
  explicit InOrder(Touches all) : left_(all) {}

  Touches Of(UserNumber user) {
    size_t n = 0;
    while (n < left_.size() && left_[n].user < user) ++n;
    left_ = left_.subspan(n);
    n = 0;
    while (n < left_.size() && left_[n].user == user) ++n;
    return left_.first(n);
  }

 private:
  Touches left_;
};

class RepeatStage : public Stage {
 public:
  std::string_view name() const override { return "repeat"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    const Limits& limits = context.rule.limits;
    const std::vector<Earlier> all = Read(context, candidates);
    InOrder earlier(all);
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      const Touches touches = earlier.Of(c.user);
      if (touches.empty() && !context.Explains(c)) continue;
      if (limits.per_episode) CheckEpisode(context, touches, c);
      if (limits.every && IsOpen(c)) CheckEvery(context, touches, c);
    }
  }

 private:
  // This rule's touches of the candidates, by user, as far back as the limits
  // look.
  static std::vector<Earlier> Read(const PlanContext& context,
                                   const std::vector<Candidate>& candidates) {
    std::vector<Earlier> earlier;
    UserSet users(context.facts.users().size());
    for (const Candidate& c : candidates) {
      if (IsOpen(c)) users.Add(c.user);
    }
    std::optional<Instant> from;
    if (!context.rule.limits.per_episode) from = EveryFrom(context);
    context.ledger.RuleTouches(context.db, context.rule.id, from, context.slot,
                               [&](UserNumber user, Instant at) {
                                 if (users.Contains(user)) {
                                   earlier.push_back({user, at});
                                 }
                               });
    std::sort(earlier.begin(), earlier.end(),
              [](const Earlier& a, const Earlier& b) {
                return a.user != b.user ? a.user < b.user : a.at < b.at;
              });
    return earlier;
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

  static Phrase Touched(int64_t n) {
    return n == 1 ? Phrase("{} touch", n) : Phrase("{} touches", n);
  }

  static void CheckEpisode(PlanContext& context, Touches touches,
                           Candidate& c) {
    const Instant since = context.facts.LastActivity(c.user);
    const auto count =
        std::count_if(touches.begin(), touches.end(),
                      [&](const Earlier& touch) { return touch.at >= since; });
    const int most = *context.rule.limits.per_episode;
    if (context.Explains(c)) {
      context.detail = Phrase(
          "{} since the last activity ({}), per_episode {}", Touched(count),
          context.facts.settings().calendar.FormatMinute(since), most);
    }
    if (count >= most) Skip(c, Reason::kRepeat);
  }

  static void CheckEvery(PlanContext& context, Touches touches, Candidate& c) {
    const Calendar& calendar = context.facts.settings().calendar;
    const Instant from = EveryFrom(context);
    const Instant to = context.rule.limits.every->rolls()
                           ? context.facts.as_of()
                           : calendar.EndOf(context.facts.today());
    const auto count = std::count_if(
        touches.begin(), touches.end(), [&](const Earlier& touch) {
          return touch.at >= from && touch.at <= to;
        });
    if (context.Explains(c)) {
      const Phrase told = Phrase("{} since {}, every {}", Touched(count),
                                 calendar.FormatMinute(from),
                                 PhraseOf(*context.rule.limits.every));
      context.detail = context.detail.empty()
                           ? told
                           : Phrase("{}; {}", context.detail, told);
    }
    if (count > 0) Skip(c, Reason::kRepeat);
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeRepeatStage() {
  return std::make_unique<RepeatStage>();
}

}  // namespace rekindle
