// Planning: touches written, and what a plan asks about those written before.
#include <SQLiteCpp/VariadicBind.h>

#include "config/base/hash.h"
#include "engine/ledger/contents.h"
#include "engine/ledger/ledger.h"
#include "engine/links/link_store.h"

namespace rekindle {
namespace {

// Writes touches; one that is there already (by id or by its place) stays as
// it is.
class TouchWriter {
 public:
  explicit TouchWriter(SQLite::Database& db)
      : db_(db),
        touch_(db,
               "INSERT INTO touches (touch_id, rule_id, rule_version, user, "
               "slot, step, planned_at, due_at, expires_at, arm, variant, "
               "channel, template_id, topic, marketing, state, goal, "
               "goal_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
               "?, ?, ?, ?) ON CONFLICT DO NOTHING"),
        contents_(db,
                  "INSERT INTO touch_contents (touch, contents) "
                  "VALUES (?, ?)") {}

  void Write(const Touch& touch, const std::string& channel, TouchState state) {
    SQLite::bind(touch_, touch.touch_id, touch.rule_id, touch.rule_version,
                 touch.user, ToMillis(touch.slot), touch.step,
                 ToMillis(touch.planned_at), ToMillis(touch.due_at),
                 ToMillis(touch.expires_at), std::string(ArmName(touch.arm)),
                 touch.variant, channel, touch.template_id, touch.topic,
                 touch.marketing ? 1 : 0, std::string(TouchStateName(state)),
                 touch.goal);
    if (touch.goal_until) {
      touch_.bind(18, ToMillis(*touch.goal_until));
    } else {
      touch_.bind(18);
    }
    const bool inserted = touch_.exec() == 1;
    touch_.reset();
    if (!inserted || IsFinal(state)) return;
    const int64_t id = db_.getLastInsertRowid();
    WriteContents(id, touch.contents);
    WriteLinks(db_, id, touch.links);
  }

 private:
  void WriteContents(int64_t id, std::span<const ChannelContent> contents) {
    contents_.bind(1, id);
    contents_.bind(2, EncodeContents(contents));
    contents_.exec();
    contents_.reset();
  }

  SQLite::Database& db_;
  SQLite::Statement touch_;
  SQLite::Statement contents_;
};

}  // namespace

void Ledger::Insert(SQLite::Database& db, std::span<const Touch> touches) {
  TouchWriter writer(db);
  for (const Touch& touch : touches) {
    const bool treated = touch.arm == Arm::kTreated;
    writer.Write(touch,
                 touch.contents.empty() ? "" : touch.contents.front().channel,
                 treated ? TouchState::kPlanned : TouchState::kHeldOut);
    if (!touch.goal.empty()) with_goals_.Add(touch.user);
  }
}

void Ledger::Import(SQLite::Database& db,
                    std::span<const ImportedTouch> touches) {
  TouchWriter writer(db);
  for (const ImportedTouch& imported : touches) {
    const bool treated = imported.arm == Arm::kTreated;
    Touch touch;
    touch.touch_id =
        StableId({imported.rule_id, users_.IdOf(imported.user),
                  std::to_string(ToMillis(imported.at)), "imported"});
    touch.rule_id = imported.rule_id;
    touch.rule_version = "imported";
    touch.user = imported.user;
    touch.slot = touch.planned_at = touch.due_at = touch.expires_at =
        imported.at;
    touch.arm = imported.arm;
    touch.variant = imported.variant;
    touch.goal = imported.goal;
    touch.goal_until = imported.goal_until;
    writer.Write(touch, imported.channel,
                 treated ? TouchState::kAccepted : TouchState::kHeldOut);
    if (!touch.goal.empty()) with_goals_.Add(touch.user);
  }
}

UserSet Ledger::InSlot(SQLite::Database& db, const std::string& rule_id,
                       Instant slot, bool treated_only) const {
  const std::string arm = treated_only ? " AND arm = 'treated'" : "";
  SQLite::Statement get(
      db, "SELECT user FROM touches WHERE rule_id = ? AND slot = ?" + arm);
  SQLite::bind(get, rule_id, ToMillis(slot));
  UserSet users(users_.size());
  while (get.executeStep()) users.Add(get.getColumn(0).getUInt());
  return users;
}

void Ledger::RuleTouches(
    SQLite::Database& db, const std::string& rule_id,
    std::optional<Instant> from, Instant except_slot,
    const std::function<void(UserNumber, Instant)>& f) const {
  SQLite::Statement get(db,
                        "SELECT user, planned_at FROM touches "
                        "WHERE rule_id = ? AND planned_at >= ? AND slot <> ?");
  SQLite::bind(get, rule_id, from ? ToMillis(*from) : INT64_MIN,
               ToMillis(except_slot));
  while (get.executeStep()) {
    f(get.getColumn(0).getUInt(), FromMillis(get.getColumn(1).getInt64()));
  }
}

void Ledger::CappedTouches(
    SQLite::Database& db, Instant from, Instant to,
    const std::function<void(UserNumber, Instant)>& f) const {
  SQLite::Statement get(db,
                        "SELECT user, due_at FROM touches WHERE marketing = 1 "
                        "AND due_at BETWEEN ? AND ? "
                        "AND state NOT IN ('failed', 'dropped')");
  SQLite::bind(get, ToMillis(from), ToMillis(to));
  while (get.executeStep()) {
    f(get.getColumn(0).getUInt(), FromMillis(get.getColumn(1).getInt64()));
  }
}

}  // namespace rekindle
