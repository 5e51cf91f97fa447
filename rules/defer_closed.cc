#include "rules/defer_closed.h"

#include "engine/ledger/closed_touches.h"
#include "rules/decision/cap_book.h"
#include "rules/decision/send_window.h"

namespace rekindle {
namespace {

// One call: what its touches share.
class Deferral {
 public:
  Deferral(Engine& engine, const RuleSet& rules, const Snapshot& facts,
           SQLite::Database& db)
      : rules_(rules),
        facts_(facts),
        db_(db),
        book_(rules.caps, engine.ledger(), facts.users().size(), facts.as_of(),
              std::nullopt) {}

  // True where it was put off.
  bool Defer(const ClosedTouch& touch) {
    const Rule* rule = rules_.Find(touch.rule_id);
    if (rule == nullptr) {
      PutBack(db_, touch, facts_.as_of(), std::nullopt);
      return false;
    }
    const EngineSettings& settings = facts_.settings();
    const Calendar& zone = facts_.users().ZoneOf(touch.user, settings.calendar);
    const SendTime time =
        SendTimeOf(*rule, facts_.as_of(), touch.expires_at, zone, settings);
    if (!time.due) {
      GiveUp(db_, touch, "expired");
      return false;
    }
    if (!TakeRoom(touch, {touch.user, &zone, *time.due, rule->priority})) {
      GiveUp(db_, touch, std::string(ReasonCode(Reason::kCapped)));
      return false;
    }
    PutBack(db_, touch, *time.due, time.closes);
    return true;
  }

 private:
  bool TakeRoom(const ClosedTouch& touch, const CapBook::Ask& ask) {
    if (book_.Check(db_, ask, "").cap != nullptr) return false;
    std::vector<const std::string*> channels;
    for (const std::string& channel : touch.channels) {
      if (book_.Check(db_, ask, channel).cap != nullptr) return false;
      channels.push_back(&channel);
    }
    book_.Reserve(ask, channels);
    return true;
  }

  const RuleSet& rules_;
  const Snapshot& facts_;
  SQLite::Database& db_;
  CapBook book_;
};

}  // namespace

int64_t DeferClosed(Engine& engine, const RuleSet& rules,
                    const ClaimChannel& channel, Instant now, int64_t at_once) {
  int64_t deferred = 0;
  for (auto taken = at_once; taken == at_once;) {
    const auto facts = engine.At(now);  // before the store: the lock order
    engine.store().Write([&](SQLite::Database& db) {
      const auto closed = TakeClosed(db, channel, now, at_once);
      Deferral deferral(engine, rules, *facts, db);
      for (const ClosedTouch& touch : closed) {
        deferred += deferral.Defer(touch) ? 1 : 0;
      }
      taken = static_cast<int64_t>(closed.size());
    });
  }
  return deferred;
}

}  // namespace rekindle
