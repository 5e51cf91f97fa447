// Window: outside it, and on a holiday, a touch waits for the next instant at
// which it may leave; where that is too far off, nothing is planned. The
// held-out go the same way as the treated, so that both arms stay alike.
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class WindowStage : public Stage {
 public:
  std::string_view name() const override { return "window"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    for (Candidate& c : candidates) {
      if (IsTouch(c)) Check(context, c);
    }
  }

 private:
  static void Check(PlanContext& context, Candidate& c) {
    const Calendar& zone = context.send_times.ZoneOf(c.user);
    const SendTime& time = context.send_times.Of(zone);
    if (context.Explains(c)) context.detail = Describe(context, zone, time);
    if (!time.due) return Skip(c, time.waits_for);
    c.due_at = *time.due;
    if (time.waits_for == Reason::kNone || !IsOpen(c)) return;
    c.decision = Decision::kDefer;
    c.reason = time.waits_for;
  }

  static Phrase Describe(const PlanContext& context, const Calendar& zone,
                         const SendTime& time) {
    const Rule& rule = context.rule;
    const Instant now = context.facts.as_of();
    if (!rule.marketing) return Phrase("transactional: no window, no holidays");
    Phrase told = Phrase("no window");
    if (rule.window) {
      told = Phrase("window {} in {}, now {}", FormatWindow(*rule.window),
                    zone.zone_name(), zone.FormatMinute(now));
    }
    if (context.facts.settings().notes.IsHoliday(zone.DayOf(now))) {
      told = Phrase("{}, {} is a holiday", told, FormatDay(zone.DayOf(now)));
    }
    if (!time.due) {
      told = Phrase("{}, further than {} off", told, PhraseOf(rule.wait));
    } else if (time.waits_for != Reason::kNone) {
      told = Phrase("{}, waits until {}", told, zone.FormatMinute(*time.due));
    }
    return told;
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeWindowStage() {
  return std::make_unique<WindowStage>();
}

}  // namespace rekindle
