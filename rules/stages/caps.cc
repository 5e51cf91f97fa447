// Caps: how many marketing touches one user may get. A touch goes through the
// first of its channels that has room, and counts on the day it is due; what
// passes is reserved at once, for the rules planned after this one.
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class CapsStage : public Stage {
 public:
  std::string_view name() const override { return "caps"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    for (Candidate& c : candidates) {
      if (!IsOpen(c)) continue;
      if (context.rule.marketing && !context.rules.caps.empty()) {
        Check(context, c);
      } else if (context.Explains(c)) {
        context.detail = context.rule.marketing
                             ? Phrase("no caps")
                             : Phrase("transactional: no cap");
      }
    }
  }

 private:
  static void Check(PlanContext& context, Candidate& c) {
    const Calendar& zone = context.send_times.ZoneOf(c.user);
    const auto due = context.send_times.Of(zone).due;
    // Whoever cannot be reached in time is skipped by the window, and takes no
    // room here.
    if (!due) return;
    CapBook& book = context.tick.caps;
    const CapBook::Ask ask{c.user, &zone, *due, context.rule.priority};
    CapBook::Verdict verdict = book.Check(context.db, ask, "");
    std::vector<const std::string*> channels;
    if (verdict.cap == nullptr) {
      c.channels.ForEach([&](size_t i) {
        const std::string& channel = context.rule.channels[i];
        const auto of_channel = book.Check(context.db, ask, channel);
        if (of_channel.cap == nullptr) {
          channels.push_back(&channel);
        } else {
          c.channels.Remove(i);
        }
        if (of_channel.fullest != nullptr && verdict.cap == nullptr) {
          verdict = of_channel;
        }
      });
    }
    if (context.Explains(c) && verdict.fullest != nullptr) {
      context.detail = CapBook::Describe(*verdict.fullest, verdict.taken, ask);
    }
    if (channels.empty()) {
      return Skip(c, verdict.outranked ? Reason::kOutranked : Reason::kCapped);
    }
    // What is held out falls back nowhere: as the ledger has it, it takes room
    // on its first channel alone.
    if (channels.size() > 1 && IsHeldOut(context, c.user)) channels.resize(1);
    book.Reserve(ask, channels);
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeCapsStage() {
  return std::make_unique<CapsStage>();
}

}  // namespace rekindle
