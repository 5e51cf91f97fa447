// Window: outside it a touch waits for its next opening; where that is too far
// off, nothing is planned. The held-out go the same way as the treated, so
// that both arms stay alike.
#include <fmt/format.h>

#include "rules/send_window.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class WindowStage : public Stage {
 public:
  std::string_view name() const override { return "window"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    for (Candidate& c : candidates) {
      if (c.decision != Decision::kSkip) Check(context, c);
    }
  }

 private:
  static void Check(const PlanContext& context, Candidate& c) {
    const EngineSettings& settings = context.facts.settings();
    const Instant now = context.facts.as_of();
    const Calendar& zone =
        context.facts.users().ZoneOf(c.user, settings.calendar);
    auto due = DueAt(context.rule, now, zone, settings);
    if (!due) {
      return Skip(c, Reason::kOutsideWindow,
                  Describe(context, zone) +
                      fmt::format(", further than {} off",
                                  FormatDuration(context.rule.window->wait)));
    }
    c.due_at = *due;
    const bool waits = *due > now;
    if (waits && IsOpen(c)) {
      c.decision = Decision::kDefer;
      c.reason = Reason::kOutsideWindow;
    }
    if (c.user != context.explained || !IsOpen(c)) return;
    c.detail = Describe(context, zone);
    if (waits) c.detail += ", waits until " + zone.FormatMinute(*due);
  }

  static std::string Describe(const PlanContext& context,
                              const Calendar& zone) {
    const Rule& rule = context.rule;
    if (!rule.window) return "no window";
    if (!rule.marketing) return "transactional: no window";
    return fmt::format("window {} in {}, now {}", FormatWindow(*rule.window),
                       zone.zone_name(),
                       zone.FormatMinute(context.facts.as_of()));
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeWindowStage() {
  return std::make_unique<WindowStage>();
}

}  // namespace rekindle
