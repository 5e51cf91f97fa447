// Caps: one marketing touch per user and calendar day of the user's zone, the
// day being that on which the touch is due. What passes is reserved at once,
// for the rules planned after this one in the same tick.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "rules/send_window.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

// A candidate's day, in the user's zone.
struct Wish {
  Candidate* candidate;
  const Calendar* zone;
  LocalDay day;
};

class CapsStage : public Stage {
 public:
  std::string_view name() const override { return "caps"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    if (!context.rule.marketing) {
      for (Candidate& c : candidates) {
        if (c.user == context.explained && IsOpen(c)) {
          c.detail = "transactional: no cap";
        }
      }
      return;
    }
    const std::vector<Wish> wishes = WishesOf(context, candidates);
    if (wishes.empty()) return;
    const Taken taken = ReadTaken(context, wishes);
    for (const Wish& wish : wishes) Check(context, taken, wish);
  }

 private:
  using Taken = std::unordered_map<UserNumber, std::vector<int32_t>>;

  // Whoever cannot be reached within the window is skipped there, and takes no
  // cap here.
  static std::vector<Wish> WishesOf(const PlanContext& context,
                                    std::vector<Candidate>& candidates) {
    const EngineSettings& settings = context.facts.settings();
    std::vector<Wish> wishes;
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      const Calendar& zone =
          context.facts.users().ZoneOf(c.user, settings.calendar);
      auto due = DueAt(context.rule, context.facts.as_of(), zone, settings);
      if (due) wishes.push_back({&c, &zone, zone.DayOf(*due)});
    }
    return wishes;
  }

  // The days on which touches of the ledger take the cap.
  static Taken ReadTaken(const PlanContext& context,
                         const std::vector<Wish>& wishes) {
    Taken taken;
    std::unordered_map<UserNumber, const Calendar*> zones;
    Instant from = Instant::max();
    Instant to = Instant::min();
    for (const Wish& wish : wishes) {
      zones[wish.candidate->user] = wish.zone;
      from = std::min(from, wish.zone->StartOf(wish.day));
      to = std::max(to, wish.zone->EndOf(wish.day));
    }
    context.ledger.CappedTouches(
        context.db, from, to, [&](UserNumber user, Instant due_at) {
          auto zone = zones.find(user);
          if (zone == zones.end()) return;
          taken[user].push_back(ToNumber(zone->second->DayOf(due_at)));
        });
    return taken;
  }

  static void Check(PlanContext& context, const Taken& taken,
                    const Wish& wish) {
    Candidate& c = *wish.candidate;
    const int32_t day = ToNumber(wish.day);
    auto& reserved = context.tick.taken[c.user];
    for (const auto& [reserved_day, priority] : reserved) {
      if (reserved_day != day || priority <= context.rule.priority) continue;
      return Skip(
          c, Reason::kOutranked,
          fmt::format("a rule of priority {} takes {}; this one has {}",
                      priority, FormatDay(wish.day), context.rule.priority));
    }
    const bool in_tick =
        std::any_of(reserved.begin(), reserved.end(),
                    [&](const auto& entry) { return entry.first == day; });
    auto found = taken.find(c.user);
    const bool in_ledger =
        found != taken.end() &&
        std::count(found->second.begin(), found->second.end(), day) > 0;
    if (in_tick || in_ledger) {
      return Skip(c, Reason::kCapped,
                  fmt::format("{} ({}) has its 1 marketing touch of 1",
                              FormatDay(wish.day), wish.zone->zone_name()));
    }
    if (c.user == context.explained) {
      c.detail = fmt::format("{} ({}) has 0 marketing touches of 1",
                             FormatDay(wish.day), wish.zone->zone_name());
    }
    reserved.emplace_back(day, context.rule.priority);
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeCapsStage() {
  return std::make_unique<CapsStage>();
}

}  // namespace rekindle
