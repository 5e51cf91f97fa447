#include "engine/standings/standing_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <set>
#include <span>
#include <stdexcept>

#include "engine/sets/bit_list.h"
#include "engine/standings/standing_flips.h"
#include "engine/store/packed.h"
#include "engine/store/statements.h"
#include "engine/store/store.h"

namespace rekindle {
namespace {

// The last step that the stored sets show. Data folders have it under this
// name, which is not worth a migration.
constexpr char kStepOfSets[] = "standings_folded";
// Fewer bytes of steps are not worth writing whole sets.
constexpr size_t kLeastSteps = 64 << 10;

std::string PackSet(const UserSet& users) {
  const auto words = users.words();
  return Pack({reinterpret_cast<const char*>(words.data()),
               words.size() * sizeof(uint64_t)});
}

UserSet UnpackSet(std::string_view packed, const std::string& name) {
  if (packed.empty()) return {};  // not written yet
  const auto bytes = Unpack(packed);
  if (!bytes || bytes->size() % sizeof(uint64_t) != 0) {
    throw DamagedStandingsError("the stored set of users \"" + name +
                                "\" is damaged");
  }
  UserSet users(static_cast<uint32_t>(bytes->size() * 8));
  std::memcpy(users.words().data(), bytes->data(), bytes->size());
  return users;
}

std::string DamageOf(int64_t shard) {
  return "part " + std::to_string(shard) +
         " of the history of states is damaged";
}

std::vector<SetFlips> FlipsIn(const SQLite::Column& column, int64_t shard) {
  auto flips = UnpackFlips(BlobOf(column));
  if (flips) return *std::move(flips);
  throw DamagedStandingsError(DamageOf(shard));
}

// The words of a shard; fewer where the set ends before it does.
std::span<const uint64_t> WordsIn(const UserSet& users, uint32_t shard) {
  const auto words = users.words();
  const size_t first = std::min(words.size(), size_t{shard} * kShardWords);
  return words.subspan(first,
                       std::min<size_t>(kShardWords, words.size() - first));
}

// The sets by their numbers, as one user is or is not in them.
class Membership {
 public:
  explicit Membership(const StoredStandings& stored) : stored_(stored) {}

  void Flip(int64_t set) {
    if (!in_.erase(set)) in_.insert(set);
  }
  Standing Tell() const {
    Standing standing;
    for (size_t i = 0; i < stored_.sets.size(); ++i) {
      if (in_.contains(stored_.numbers[i])) {
        AddToStanding(stored_.sets[i], &standing);
      }
    }
    return standing;
  }

 private:
  const StoredStandings& stored_;
  std::set<int64_t> in_;
};

// Names alone: stored sets are not unpacked.
StoredStandings LoadNames(SQLite::Database& db) {
  StoredStandings stored;
  SQLite::Statement rows(db,
                         "SELECT number, kind, name, place FROM standing_sets "
                         "ORDER BY place IS NULL, kind, place, number");
  while (rows.executeStep()) {
    stored.numbers.push_back(rows.getColumn(0).getInt64());
    stored.sets.push_back({static_cast<SetKind>(rows.getColumn(1).getInt()),
                           rows.getColumn(2).getString(),
                           {}});
    stored.named += !rows.isColumnNull(3);
  }
  return stored;
}

// Sets of before and after side by side, in the order of those after.
struct Pair {
  UserSet before;
  bool told = false;  // in a standing
};
std::vector<Pair> PairUp(const StoredStandings& before, StandingStep* step) {
  std::map<std::pair<SetKind, std::string_view>, size_t> stored;
  int64_t next = 1;
  for (size_t i = 0; i < before.sets.size(); ++i) {
    stored[{before.sets[i].kind, before.sets[i].name}] = i;
    next = std::max(next, before.numbers[i] + 1);
  }
  StoredStandings& after = step->after;
  after.named = after.sets.size();
  step->names_changed = after.named != before.named;
  std::vector<Pair> pairs;
  for (size_t i = 0; i < after.named; ++i) {
    const NamedSet& set = after.sets[i];
    const auto found = stored.find({set.kind, set.name});
    const bool known = found != stored.end();
    step->names_changed |= !known || found->second != i;
    after.numbers.push_back(known ? before.numbers[found->second] : next++);
    pairs.push_back({known ? before.sets[found->second].users : UserSet(),
                     set.kind != SetKind::kSegment});
    if (known) stored.erase(found);
  }
  for (size_t i = 0; i < before.sets.size(); ++i) {
    const NamedSet& set = before.sets[i];
    if (!stored.contains({set.kind, set.name})) continue;
    after.sets.push_back({set.kind, set.name, {}});
    after.numbers.push_back(before.numbers[i]);
    pairs.push_back({set.users, set.kind != SetKind::kSegment});
  }
  return pairs;
}

// Who changed in the shard of the users: their flips, and how many of them are
// told differently.
struct ShardChanges {
  FlipWriter flips;
  int64_t users = 0;
};
ShardChanges ChangesIn(uint32_t shard, const std::vector<Pair>& pairs,
                       const StoredStandings& after) {
  ShardChanges changes;
  std::array<uint64_t, kShardWords> told{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto before = WordsIn(pairs[i].before, shard);
    const auto now = WordsIn(after.sets[i].users, shard);
    std::array<uint64_t, kShardWords> flips{};
    std::copy(before.begin(), before.end(), flips.begin());
    for (size_t w = 0; w < now.size(); ++w) flips[w] ^= now[w];
    changes.flips.Add(after.numbers[i], flips);
    if (!pairs[i].told) continue;
    for (uint32_t w = 0; w < kShardWords; ++w) told[w] |= flips[w];
  }
  changes.users = static_cast<int64_t>(CountBits(told));
  return changes;
}

uint32_t ShardsOf(const std::vector<Pair>& pairs, const Standings& after) {
  uint32_t universe = 0;
  for (const Pair& pair : pairs) {
    universe = std::max(universe, pair.before.universe());
  }
  for (const NamedSet& set : after) {
    universe = std::max(universe, set.users.universe());
  }
  return static_cast<uint32_t>((uint64_t{universe} + kShardUsers - 1) /
                               kShardUsers);
}

void PackSetsIfDue(StandingStep* step, Workers& workers) {
  StoredStandings& after = step->after;
  if (after.step_bytes < std::max(kLeastSteps, after.set_bytes)) return;
  step->packed_sets.resize(after.sets.size());
  workers.ForEach(after.sets.size(), [&](size_t i) {
    step->packed_sets[i] = PackSet(after.sets[i].users);
  });
  after.step_bytes = after.set_bytes = 0;
  for (const std::string& packed : step->packed_sets) {
    after.set_bytes += packed.size();
  }
}

// By shard, the first of its steps that is damaged.
std::map<int64_t, int64_t> DamagedSteps(SQLite::Database& db) {
  std::map<int64_t, int64_t> damaged;
  SQLite::Statement steps(
      db, "SELECT id, part, flips FROM standing_steps ORDER BY id");
  while (steps.executeStep()) {
    const int64_t shard = steps.getColumn(1).getInt64();
    if (damaged.contains(shard)) continue;
    if (UnpackFlips(BlobOf(steps.getColumn(2)))) continue;
    damaged[shard] = steps.getColumn(0).getInt64();
  }
  return damaged;
}

}  // namespace

StoredStandings LoadStandings(SQLite::Database& db) {
  StoredStandings stored = LoadNames(db);
  std::map<int64_t, UserSet*> by_number;
  for (size_t i = 0; i < stored.sets.size(); ++i) {
    by_number[stored.numbers[i]] = &stored.sets[i].users;
  }
  SQLite::Statement sets(db, "SELECT number, name, users FROM standing_sets");
  while (sets.executeStep()) {
    const std::string_view packed = BlobOf(sets.getColumn(2));
    *by_number[sets.getColumn(0).getInt64()] =
        UnpackSet(packed, sets.getColumn(1).getString());
    stored.set_bytes += packed.size();
  }
  stored.last_step = std::stoll(Store::GetMeta(db, kStepOfSets, "0"));
  SQLite::Statement steps(db,
                          "SELECT id, part, flips FROM standing_steps "
                          "WHERE id > ? ORDER BY id");
  steps.bind(1, stored.last_step);
  while (steps.executeStep()) {
    const auto shard = steps.getColumn(1).getUInt();
    for (const SetFlips& flips : FlipsIn(steps.getColumn(2), shard)) {
      UserSet& users = *by_number.at(flips.set);
      for (uint32_t flipped : flips.users) {
        const UserNumber user = shard * kShardUsers + flipped;
        users.Contains(user) ? users.Remove(user) : users.Add(user);
      }
    }
    stored.last_step = steps.getColumn(0).getInt64();
    stored.step_bytes += static_cast<size_t>(steps.getColumn(2).getBytes());
  }
  return stored;
}

void MendStandings(SQLite::Database& db) {
  Statements statements;
  for (const auto& [shard, id] : DamagedSteps(db)) {
    statements.Run(db, "DELETE FROM standing_steps WHERE part = ? AND id >= ?",
                   shard, id);
  }
  statements.Run(db, "UPDATE standing_sets SET users = x''");
  Store::SetMeta(db, kStepOfSets, "0");
}

std::vector<std::string> CheckStandings(SQLite::Database& db) {
  std::vector<std::string> damages;
  SQLite::Statement sets(db, "SELECT name, users FROM standing_sets");
  while (sets.executeStep()) {
    try {
      UnpackSet(BlobOf(sets.getColumn(1)), sets.getColumn(0).getString());
    } catch (const DamagedStandingsError& e) {
      damages.push_back(e.what());
    }
  }
  for (const auto& [shard, id] : DamagedSteps(db)) {
    damages.push_back(DamageOf(shard));
  }
  return damages;
}

StandingStep CompareStandings(const StoredStandings& before, Standings found,
                              Workers& workers) {
  StandingStep step;
  step.after.sets = std::move(found);
  step.after.last_step = before.last_step;
  step.after.set_bytes = before.set_bytes;
  step.after.step_bytes = before.step_bytes;
  const std::vector<Pair> pairs = PairUp(before, &step);
  std::vector<StandingStep::Shard> shards(ShardsOf(pairs, step.after.sets));
  std::atomic<int64_t> changed_users = 0;
  workers.ForEach(shards.size(), [&](size_t i) {
    const auto shard = static_cast<uint32_t>(i);
    const ShardChanges changes = ChangesIn(shard, pairs, step.after);
    changed_users += changes.users;
    shards[i].number = shard;
    if (!changes.flips.empty()) shards[i].flips = changes.flips.Packed();
  });
  step.changed_users = changed_users;
  for (StandingStep::Shard& shard : shards) {
    if (shard.flips.empty()) continue;
    step.after.step_bytes += shard.flips.size();
    ++step.after.last_step;
    step.shards.push_back(std::move(shard));
  }
  PackSetsIfDue(&step, workers);
  return step;
}

void StoreStep(SQLite::Database& db, const StandingStep& step, Instant at) {
  Statements statements;
  const StoredStandings& after = step.after;
  if (step.names_changed) {
    statements.Run(db, "UPDATE standing_sets SET place = NULL");
    for (size_t i = 0; i < after.named; ++i) {
      statements.Run(db,
                     "INSERT INTO standing_sets (number, kind, name, place, "
                     "users) VALUES (?, ?, ?, ?, x'') "
                     "ON CONFLICT (number) DO UPDATE SET place = "
                     "excluded.place",
                     after.numbers[i], static_cast<int64_t>(after.sets[i].kind),
                     after.sets[i].name, static_cast<int64_t>(i));
    }
  }
  int64_t id = after.last_step - static_cast<int64_t>(step.shards.size());
  for (const auto& [shard, flips] : step.shards) {
    statements.Run(db,
                   "INSERT INTO standing_steps (id, part, at, flips) "
                   "VALUES (?, ?, ?, ?)",
                   ++id, shard, ToMillis(at), BlobView{flips});
  }
  if (step.packed_sets.empty()) return;
  for (size_t i = 0; i < step.packed_sets.size(); ++i) {
    statements.Run(db, "UPDATE standing_sets SET users = ? WHERE number = ?",
                   BlobView{step.packed_sets[i]}, after.numbers[i]);
  }
  Store::SetMeta(db, kStepOfSets, std::to_string(after.last_step));
}

std::optional<Instant> LastStepAt(SQLite::Database& db) {
  SQLite::Statement get(
      db, "SELECT at FROM standing_steps ORDER BY id DESC LIMIT 1");
  if (!get.executeStep()) return std::nullopt;
  return FromMillis(get.getColumn(0).getInt64());
}

std::vector<StandingChange> StandingHistory(SQLite::Database& db,
                                            UserNumber user) {
  const StoredStandings names = LoadNames(db);
  Membership membership(names);
  std::vector<StandingChange> history;
  SQLite::Statement steps(db,
                          "SELECT at, flips FROM standing_steps "
                          "WHERE part = ? ORDER BY id");
  steps.bind(1, static_cast<int64_t>(user / kShardUsers));
  while (steps.executeStep()) {
    const auto all = UnpackFlips(BlobOf(steps.getColumn(1)));
    if (!all) break;  // what follows flips what nobody knows
    const Standing from = membership.Tell();
    for (const auto& [set, users] : *all) {
      if (std::binary_search(users.begin(), users.end(), user % kShardUsers)) {
        membership.Flip(set);
      }
    }
    Standing to = membership.Tell();
    if (from == to) continue;
    history.push_back(
        {FromMillis(steps.getColumn(0).getInt64()), from, std::move(to)});
  }
  return history;
}

namespace {

// REQUIRES: nothing is damaged.
void EraseFromSteps(SQLite::Database& db, UserNumber user) {
  Statements statements;
  SQLite::Statement sets(db, "SELECT number, name, users FROM standing_sets");
  std::vector<std::pair<int64_t, std::string>> rewritten;
  while (sets.executeStep()) {
    UserSet users =
        UnpackSet(BlobOf(sets.getColumn(2)), sets.getColumn(1).getString());
    if (!users.Contains(user)) continue;
    users.Remove(user);
    rewritten.emplace_back(sets.getColumn(0).getInt64(), PackSet(users));
  }
  for (const auto& [number, packed] : rewritten) {
    statements.Run(db, "UPDATE standing_sets SET users = ? WHERE number = ?",
                   BlobView{packed}, number);
  }
  rewritten.clear();
  const uint32_t shard = user / kShardUsers;
  SQLite::Statement steps(
      db, "SELECT id, flips FROM standing_steps WHERE part = ?");
  steps.bind(1, static_cast<int64_t>(shard));
  while (steps.executeStep()) {
    std::vector<SetFlips> all = FlipsIn(steps.getColumn(1), shard);
    size_t erased = 0;
    for (SetFlips& flips : all) {
      erased += std::erase(flips.users, user % kShardUsers);
    }
    if (erased == 0) continue;
    rewritten.emplace_back(steps.getColumn(0).getInt64(), PackFlips(all));
  }
  for (const auto& [id, packed] : rewritten) {
    statements.Run(db, "UPDATE standing_steps SET flips = ? WHERE id = ?",
                   BlobView{packed}, id);
  }
}

}  // namespace

void EraseStandings(SQLite::Database& db, UserNumber user) {
  try {
    EraseFromSteps(db, user);
  } catch (const DamagedStandingsError&) {
    MendStandings(db);
    EraseFromSteps(db, user);
  }
}

}  // namespace rekindle
