// Planning: touches written, and what a plan asks about those written before.
#include <SQLiteCpp/VariadicBind.h>

#include "config/base/hash.h"
#include "engine/ledger/contents.h"
#include "engine/ledger/ledger.h"
#include "engine/links/link_store.h"

namespace rekindle {
namespace {

// The channels after the first, joined by ';': see CappedTouches.
std::string FallbacksOf(std::span<const ChannelContent> contents) {
  std::string channels;
  for (size_t i = 1; i < contents.size(); ++i) {
    if (i > 1) channels += ';';
    channels += contents[i].channel;
  }
  return channels;
}

// Writes touches; one that is there already (by id or by its place) stays as
// it is. Texts are bound where they lie: they live until the statement ran.
class TouchWriter {
 public:
  explicit TouchWriter(SQLite::Database& db)
      : db_(db),
        touch_(db,
               "INSERT INTO touches (touch_id, rule_id, rule_version, user, "
               "slot, step, planned_at, due_at, expires_at, arm, variant, "
               "channel, fallbacks, template_id, topic, marketing, state, "
               "goal, goal_until, closes_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
               "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
        contents_(db,
                  "INSERT INTO touch_contents (touch, contents) "
                  "VALUES (?, ?)"),
        links_(db) {}

  void Write(const Touch& touch, const std::string& channel, TouchState state) {
    const bool shared = touch.shared_contents != nullptr;
    const auto& contents = shared ? *touch.shared_contents : touch.contents;
    const std::string& first = contents.empty() ? channel : contents[0].channel;
    const std::string fallbacks =
        IsFinal(state) ? std::string() : FallbacksOf(contents);
    Bind(touch, first, fallbacks, state);
    const bool inserted = touch_.exec() == 1;
    touch_.reset();
    if (!inserted || IsFinal(state)) return;
    const int64_t id = db_.getLastInsertRowid();
    links_.Write(id, touch.links);
    if (!shared) {
      WriteContents(id, EncodeContents(contents));
      return;
    }
    if (touch.shared_contents != encoded_of_) {
      encoded_of_ = touch.shared_contents;
      encoded_ = EncodeContents(contents);
    }
    WriteContents(id, encoded_);
  }

 private:
  void Bind(const Touch& touch, const std::string& channel,
            const std::string& fallbacks, TouchState state) {
    arm_ = ArmName(touch.arm);
    state_ = TouchStateName(state);
    touch_.bindNoCopy(1, touch.touch_id);
    touch_.bindNoCopy(2, touch.rule_id);
    touch_.bindNoCopy(3, touch.rule_version);
    touch_.bind(4, touch.user);
    touch_.bind(5, ToMillis(touch.slot));
    touch_.bind(6, touch.step);
    touch_.bind(7, ToMillis(touch.planned_at));
    touch_.bind(8, ToMillis(touch.due_at));
    touch_.bind(9, ToMillis(touch.expires_at));
    touch_.bindNoCopy(10, arm_);
    touch_.bindNoCopy(11, touch.variant);
    touch_.bindNoCopy(12, channel);
    touch_.bindNoCopy(13, fallbacks);
    touch_.bindNoCopy(14, touch.template_id);
    touch_.bindNoCopy(15, touch.topic);
    touch_.bind(16, touch.marketing ? 1 : 0);
    touch_.bindNoCopy(17, state_);
    touch_.bindNoCopy(18, touch.goal);
    BindInstant(19, touch.goal_until);
    BindInstant(20, touch.closes_at);
  }

  void BindInstant(int index, const std::optional<Instant>& at) {
    if (at) {
      touch_.bind(index, ToMillis(*at));
    } else {
      touch_.bind(index);
    }
  }

  void WriteContents(int64_t id, const std::string& encoded) {
    contents_.bind(1, id);
    contents_.bindNoCopy(2, encoded);
    contents_.exec();
    contents_.reset();
  }

  SQLite::Database& db_;
  SQLite::Statement touch_;
  SQLite::Statement contents_;
  LinkWriter links_;
  std::string arm_, state_;
  std::shared_ptr<const std::vector<ChannelContent>> encoded_of_;
  std::string encoded_;
};

}  // namespace

void Ledger::Insert(SQLite::Database& db, std::span<const Touch> touches) {
  size_t at = 0;
  Insert(db, [&]() -> const Touch* {
    return at < touches.size() ? &touches[at++] : nullptr;
  });
}

void Ledger::Insert(SQLite::Database& db,
                    const std::function<const Touch*()>& next) {
  TouchWriter writer(db);
  while (const Touch* touch = next()) {
    const bool treated = touch->arm == Arm::kTreated;
    writer.Write(*touch, "",
                 treated ? TouchState::kPlanned : TouchState::kHeldOut);
    if (!touch->goal.empty()) with_goals_.Add(touch->user);
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
                       Instant slot) const {
  SQLite::Statement get(
      db, "SELECT user FROM touches WHERE rule_id = ? AND slot = ?");
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
    SQLite::Database& db, Instant from,
    const std::optional<std::string>& channel, std::optional<UserNumber> user,
    const std::function<void(UserNumber, Instant)>& f) const {
  std::string sql =
      "SELECT user, due_at FROM touches WHERE marketing = 1 "
      "AND due_at >= :from";
  // Of everybody's the state is not in the index, and those that are lost are
  // few.
  sql += user ? " AND user = :user AND state NOT IN ('failed', 'dropped')"
              : " AND id NOT IN (SELECT id FROM touches WHERE marketing = 1 "
                "AND (state = 'failed' OR state = 'dropped') "
                "AND due_at >= :from)";
  if (channel) {
    // A final touch falls back no more.
    sql +=
        " AND (channel = :channel OR (fallbacks <> '' AND state IN "
        "('planned', 'claimed', 'unknown') AND "
        "instr(';' || fallbacks || ';', ';' || :channel || ';') > 0))";
  }
  SQLite::Statement get(db, sql);
  get.bind(":from", ToMillis(from));
  if (channel) get.bind(":channel", *channel);
  if (user) get.bind(":user", *user);
  while (get.executeStep()) {
    f(get.getColumn(0).getUInt(), FromMillis(get.getColumn(1).getInt64()));
  }
}

}  // namespace rekindle
