#include "engine/ledger/slot_book.h"

#include <SQLiteCpp/VariadicBind.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "engine/store/packed.h"
#include "engine/store/statements.h"
#include "engine/touches/touch.h"

namespace rekindle {
namespace {

constexpr char kSlotColumns[] =
    "SELECT rule_id, slot, state, rule_version, opened_at, done_at, matched, "
    "treated, held_out, reason, eligible FROM slots ";

constexpr std::array<std::string_view, 4> kSlotStateNames = {
    "open", "done", "missed", "stopped"};

SlotState ParseSlotState(const std::string& word) {
  const auto found =
      std::find(kSlotStateNames.begin(), kSlotStateNames.end(), word);
  return found == kSlotStateNames.end()
             ? SlotState::kOpen
             : static_cast<SlotState>(found - kSlotStateNames.begin());
}

SlotRow RowOf(SQLite::Statement& get) {
  SlotRow row;
  row.rule_id = get.getColumn(0).getString();
  row.slot = FromMillis(get.getColumn(1).getInt64());
  row.state = ParseSlotState(get.getColumn(2).getString());
  row.rule_version = get.getColumn(3).getString();
  row.opened_at = FromMillis(get.getColumn(4).getInt64());
  if (!get.getColumn(5).isNull()) {
    row.done_at = FromMillis(get.getColumn(5).getInt64());
  }
  row.matched = get.getColumn(6).getInt64();
  row.treated = get.getColumn(7).getInt64();
  row.held_out = get.getColumn(8).getInt64();
  row.reason = get.getColumn(9).getString();
  row.eligible = get.getColumn(10).getInt64();
  return row;
}

void ReadSkips(SQLite::Database& db, SlotRow* row) {
  SQLite::Statement get(db,
                        "SELECT reason, users FROM slot_skips "
                        "WHERE rule_id = ? AND slot = ?");
  SQLite::bind(get, row->rule_id, ToMillis(row->slot));
  while (get.executeStep()) {
    row->skipped[get.getColumn(0).getString()] = get.getColumn(1).getInt64();
  }
}

std::optional<SlotRow> ReadSlot(SQLite::Database& db,
                                const std::string& rule_id, Instant slot) {
  SQLite::Statement get(
      db, std::string(kSlotColumns) + "WHERE rule_id = ? AND slot = ?");
  SQLite::bind(get, rule_id, ToMillis(slot));
  if (!get.executeStep()) return std::nullopt;
  SlotRow row = RowOf(get);
  ReadSkips(db, &row);
  return row;
}

// The set as it was serialized. Those of older folders have no checksum.
std::string_view SetIn(std::string_view stored) {
  return Unseal(stored).value_or(stored);
}

// Of whole rows; DamageIn tells one of them.
constexpr char kSkipColumns[] =
    "SELECT rule_id, slot, reason, user_set, rowid FROM slot_skips ";

std::string DamageIn(const SQLite::Statement& skips) {
  return "the stored set of users that rule " + skips.getColumn(0).getString() +
         " left out in the slot of " +
         Calendar::Utc().Format(FromMillis(skips.getColumn(1).getInt64())) +
         " (" + skips.getColumn(2).getString() + ") is damaged";
}

int64_t CountArm(SQLite::Database& db, const SlotRow& slot, Arm arm) {
  SQLite::Statement get(db,
                        "SELECT count(*) FROM touches "
                        "WHERE rule_id = ? AND slot = ? AND arm = ?");
  SQLite::bind(get, slot.rule_id, ToMillis(slot.slot),
               std::string(ArmName(arm)));
  get.executeStep();
  return get.getColumn(0).getInt64();
}

void WriteSkips(SQLite::Database& db, const SlotRow& slot,
                const std::map<std::string, UserSet>& skipped) {
  SQLite::Statement clear(
      db, "DELETE FROM slot_skips WHERE rule_id = ? AND slot = ?");
  SQLite::bind(clear, slot.rule_id, ToMillis(slot.slot));
  clear.exec();
  SQLite::Statement put(
      db,
      "INSERT INTO slot_skips (rule_id, slot, reason, users, user_set) "
      "VALUES (?, ?, ?, ?, ?)");
  for (const auto& [reason, users] : skipped) {
    const std::string bytes = Seal(users.Serialize());
    put.bind(1, slot.rule_id);
    put.bind(2, ToMillis(slot.slot));
    put.bind(3, reason);
    put.bind(4, static_cast<int64_t>(users.Count()));
    put.bind(5, bytes.data(), static_cast<int>(bytes.size()));
    put.exec();
    put.reset();
  }
}

}  // namespace

std::string_view SlotStateName(SlotState state) {
  return kSlotStateNames[static_cast<size_t>(state)];
}

SlotRow SlotBook::Open(SQLite::Database& db, const std::string& rule_id,
                       Instant slot, const std::string& rule_version,
                       Instant now) {
  SQLite::Statement put(
      db,
      "INSERT INTO slots (rule_id, slot, state, rule_version, opened_at) "
      "VALUES (?, ?, 'open', ?, ?) ON CONFLICT (rule_id, slot) DO UPDATE SET "
      "state = 'open', reason = '', rule_version = excluded.rule_version, "
      "done_at = NULL, settled = 0");
  SQLite::bind(put, rule_id, ToMillis(slot), rule_version, ToMillis(now));
  put.exec();
  return *ReadSlot(db, rule_id, slot);
}

void SlotBook::Finish(SQLite::Database& db, const SlotRow& slot, Instant now,
                      const std::map<std::string, UserSet>& skipped) {
  WriteSkips(db, slot, skipped);
  SQLite::Statement put(db,
                        "UPDATE slots SET state = 'done', done_at = ?, "
                        "matched = ?, eligible = ?, treated = ?, held_out = ? "
                        "WHERE rule_id = ? AND slot = ?");
  SQLite::bind(put, ToMillis(now), slot.matched, slot.eligible,
               CountArm(db, slot, Arm::kTreated),
               CountArm(db, slot, Arm::kHeldOut), slot.rule_id,
               ToMillis(slot.slot));
  put.exec();
}

bool SlotBook::Stop(SQLite::Database& db, const SlotRow& slot, Instant now) {
  SQLite::Statement put(
      db,
      "INSERT INTO slots (rule_id, slot, state, reason, rule_version, "
      "opened_at, matched, eligible) VALUES (?, ?, 'stopped', ?, ?, ?, ?, ?) "
      "ON CONFLICT (rule_id, slot) DO UPDATE SET state = 'stopped', "
      "reason = excluded.reason, rule_version = excluded.rule_version, "
      "opened_at = excluded.opened_at, matched = excluded.matched, "
      "eligible = excluded.eligible WHERE state <> 'done' AND (state <> "
      "'stopped' OR reason <> excluded.reason OR "
      "rule_version <> excluded.rule_version)");
  SQLite::bind(put, slot.rule_id, ToMillis(slot.slot), slot.reason,
               slot.rule_version, ToMillis(now), slot.matched, slot.eligible);
  return put.exec() == 1;
}

bool SlotBook::MarkMissed(SQLite::Database& db, const std::string& rule_id,
                          Instant slot, const std::string& rule_version,
                          Instant now) {
  SQLite::Statement put(
      db,
      "INSERT INTO slots (rule_id, slot, state, rule_version, opened_at, "
      "done_at) VALUES (?1, ?2, 'missed', ?3, ?4, ?4) "
      "ON CONFLICT (rule_id, slot) DO UPDATE SET state = 'missed', "
      "done_at = excluded.done_at WHERE state = 'open'");
  SQLite::bind(put, rule_id, ToMillis(slot), rule_version, ToMillis(now));
  return put.exec() == 1;
}

std::optional<SlotRow> SlotBook::Find(const std::string& rule_id,
                                      Instant slot) const {
  return store_.Read(
      [&](SQLite::Database& db) { return ReadSlot(db, rule_id, slot); });
}

std::optional<SlotRow> SlotBook::Latest(const std::string& rule_id) const {
  std::vector<SlotRow> newest = Newest(rule_id, 1);
  if (newest.empty()) return std::nullopt;
  return std::move(newest.front());
}

std::vector<SlotRow> SlotBook::Newest(const std::optional<std::string>& rule_id,
                                      int64_t limit) const {
  return store_.Read([&](SQLite::Database& db) {
    const std::string where = rule_id ? "WHERE rule_id = ?1 " : "";
    SQLite::Statement get(
        db, kSlotColumns + where + "ORDER BY slot DESC, rule_id LIMIT ?2");
    if (rule_id) get.bind(1, *rule_id);
    get.bind(2, limit == 0 ? int64_t{-1} : limit);
    std::vector<SlotRow> rows;
    while (get.executeStep()) rows.push_back(RowOf(get));
    for (SlotRow& row : rows) ReadSkips(db, &row);
    return rows;
  });
}

std::map<std::pair<SlotState, std::string>, int64_t> SlotBook::CountByState()
    const {
  return store_.Read([](SQLite::Database& db) {
    SQLite::Statement get(
        db, "SELECT state, reason, count(*) FROM slots GROUP BY state, reason");
    std::map<std::pair<SlotState, std::string>, int64_t> counts;
    while (get.executeStep()) {
      counts[{ParseSlotState(get.getColumn(0).getString()),
              get.getColumn(1).getString()}] = get.getColumn(2).getInt64();
    }
    return counts;
  });
}

std::optional<int64_t> SlotBook::FailedTouches(const std::string& rule_id,
                                               Instant slot) const {
  return store_.Read([&](SQLite::Database& db) -> std::optional<int64_t> {
    SQLite::Statement open(db,
                           "SELECT 1 FROM touches WHERE rule_id = ? AND slot "
                           "= ? AND state IN ('planned', 'claimed') LIMIT 1");
    SQLite::bind(open, rule_id, ToMillis(slot));
    if (open.executeStep()) return std::nullopt;
    SQLite::Statement get(db,
                          "SELECT count(*) FROM touches WHERE rule_id = ? AND "
                          "slot = ? AND (state = 'failed' OR (state = "
                          "'dropped' AND reason = 'expired'))");
    SQLite::bind(get, rule_id, ToMillis(slot));
    get.executeStep();
    return get.getColumn(0).getInt64();
  });
}

std::vector<Instant> SlotBook::Uninspected(const std::string& rule_id,
                                           Instant from) const {
  return store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT slot FROM slots WHERE rule_id = ? AND slot "
                          ">= ? AND state = 'done' AND settled = 0");
    SQLite::bind(get, rule_id, ToMillis(from));
    std::vector<Instant> slots;
    while (get.executeStep()) {
      slots.push_back(FromMillis(get.getColumn(0).getInt64()));
    }
    return slots;
  });
}

void SlotBook::MarkInspected(SQLite::Database& db, const std::string& rule_id,
                             Instant slot) {
  SQLite::Statement put(
      db, "UPDATE slots SET settled = 1 WHERE rule_id = ? AND slot = ?");
  SQLite::bind(put, rule_id, ToMillis(slot));
  put.exec();
}

std::optional<int64_t> SlotBook::MostEligible(SQLite::Database& db,
                                              const std::string& rule_id,
                                              Instant before, int count) {
  SQLite::Statement get(db,
                        "SELECT max(eligible) FROM (SELECT eligible FROM slots "
                        "WHERE rule_id = ? AND slot < ? AND state = 'done' "
                        "ORDER BY slot DESC LIMIT ?)");
  SQLite::bind(get, rule_id, ToMillis(before), count);
  if (!get.executeStep() || get.getColumn(0).isNull()) return std::nullopt;
  return get.getColumn(0).getInt64();
}

int64_t SlotBook::CountDone(SQLite::Database& db, const std::string& rule_id,
                            const std::string& rule_version, Instant before) {
  SQLite::Statement get(db,
                        "SELECT count(*) FROM slots WHERE rule_id = ? "
                        "AND rule_version = ? AND slot < ? AND state = 'done'");
  SQLite::bind(get, rule_id, rule_version, ToMillis(before));
  get.executeStep();
  return get.getColumn(0).getInt64();
}

std::vector<SkipRow> SlotBook::SkipsOf(
    std::span<const UserNumber> numbers,
    const std::optional<std::string>& rule_id, int64_t slots) const {
  using Key = std::pair<std::string, int64_t>;
  const auto keys = store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db, std::string("SELECT rule_id, slot FROM slots ") +
                                  (rule_id ? "WHERE rule_id = ?2 " : "") +
                                  "ORDER BY slot DESC, rule_id LIMIT ?1");
    get.bind(1, slots);
    if (rule_id) get.bind(2, *rule_id);
    std::vector<Key> newest;
    while (get.executeStep()) {
      newest.emplace_back(get.getColumn(0).getString(),
                          get.getColumn(1).getInt64());
    }
    return newest;
  });
  std::vector<SkipRow> skips;
  // One by one, so that others read in between: a set may be a megabyte.
  for (const auto& [of_rule, slot] : keys) {
    store_.Read([&](SQLite::Database& db) {
      SQLite::Statement get(db,
                            "SELECT reason, user_set FROM slot_skips "
                            "WHERE rule_id = ? AND slot = ?");
      SQLite::bind(get, of_rule, slot);
      while (get.executeStep()) {
        const auto in =
            UserSet::HasOne(SetIn(BlobOf(get.getColumn(1))), numbers);
        if (!in) throw std::runtime_error(in.error().message);
        if (!*in) continue;
        skips.push_back(
            {of_rule, FromMillis(slot), get.getColumn(0).getString()});
      }
    });
  }
  return skips;
}

void SlotBook::EraseSkips(SQLite::Database& db,
                          std::span<const UserNumber> numbers) {
  SQLite::Statement get(db, kSkipColumns);
  std::vector<std::pair<int64_t, std::string>> changed;
  while (get.executeStep()) {
    auto users = UserSet::Deserialize(SetIn(BlobOf(get.getColumn(3))));
    bool found = !users;
    if (!users) {
      spdlog::error("{}; it is emptied, as whoever is forgotten may be in it",
                    DamageIn(get));
      users = UserSet();
    }
    for (UserNumber user : numbers) {
      if (!users->Contains(user)) continue;
      users->Remove(user);
      found = true;
    }
    if (found) {
      changed.emplace_back(get.getColumn(4).getInt64(),
                           Seal(users->Serialize()));
    }
  }
  SQLite::Statement put(db,
                        "UPDATE slot_skips SET user_set = ? WHERE rowid = ?");
  for (const auto& [row, bytes] : changed) {
    put.bind(1, bytes.data(), static_cast<int>(bytes.size()));
    put.bind(2, row);
    put.exec();
    put.reset();
  }
}

std::vector<std::string> SlotBook::CheckSkips(SQLite::Database& db) {
  std::vector<std::string> damages;
  SQLite::Statement get(
      db, std::string(kSkipColumns) + "ORDER BY rule_id, slot, reason");
  while (get.executeStep()) {
    const std::string_view stored = BlobOf(get.getColumn(3));
    if (Unseal(stored) || UserSet::HasOne(stored, {})) continue;
    damages.push_back(DamageIn(get));
  }
  return damages;
}

Instant SlotBook::FirstLoaded(const std::string& rule_id, Instant now) {
  const auto find = [&](SQLite::Database& db) -> std::optional<Instant> {
    SQLite::Statement get(
        db, "SELECT first_loaded FROM rules_seen WHERE rule_id = ?");
    SQLite::bind(get, rule_id);
    if (!get.executeStep()) return std::nullopt;
    return FromMillis(get.getColumn(0).getInt64());
  };
  if (const std::optional<Instant> seen = store_.Read(find)) return *seen;
  return store_.Write([&](SQLite::Database& db) {
    SQLite::Statement put(
        db,
        "INSERT INTO rules_seen (rule_id, first_loaded) VALUES (?, ?) "
        "ON CONFLICT DO NOTHING");
    SQLite::bind(put, rule_id, ToMillis(now));
    put.exec();
    return *find(db);
  });
}

}  // namespace rekindle
