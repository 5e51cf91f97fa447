#include "engine/ledger/channel_book.h"

#include <SQLiteCpp/VariadicBind.h>

namespace rekindle {
namespace {

// The days of every time zone begin at one of its quarters.
constexpr int64_t kQuarterMs = 15 * 60 * 1000;

int64_t QuarterOf(Instant at) { return ToMillis(at) / kQuarterMs; }
// The first quarter that begins at or after it.
int64_t QuarterFrom(Instant at) {
  return (ToMillis(at) + kQuarterMs - 1) / kQuarterMs;
}

}  // namespace

std::string_view HoldModeName(HoldMode mode) {
  return mode == HoldMode::kPaused ? "paused" : "draining";
}

int64_t ChannelCounts::CountOf(const std::string& outcome) const {
  const auto found = by_outcome.find(outcome);
  return found == by_outcome.end() ? 0 : found->second;
}

void ChannelBook::Hold(const std::string& channel, HoldMode mode,
                       const std::string& who, Instant now) {
  store_.Write([&](SQLite::Database& db) {
    SQLite::Statement put(
        db,
        "INSERT INTO channel_holds (channel, mode, since, who) "
        "VALUES (?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET "
        "mode = excluded.mode, since = excluded.since, who = excluded.who");
    SQLite::bind(put, channel, std::string(HoldModeName(mode)), ToMillis(now),
                 who);
    put.exec();
    Note(db,
         {now, who, mode == HoldMode::kPaused ? "pause" : "drain", channel, 0});
  });
}

bool ChannelBook::Resume(const std::string& channel, const std::string& who,
                         Instant now) {
  return store_.Write([&](SQLite::Database& db) {
    SQLite::Statement erase(db, "DELETE FROM channel_holds WHERE channel = ?");
    SQLite::bind(erase, channel);
    const bool held = erase.exec() > 0;
    if (held) Note(db, {now, who, "resume", channel, 0});
    return held;
  });
}

std::map<std::string, ChannelHold> ChannelBook::Holds() const {
  return store_.Read([](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT channel, mode, since, who "
                          "FROM channel_holds");
    std::map<std::string, ChannelHold> holds;
    while (get.executeStep()) {
      const bool paused = get.getColumn(1).getString() == "paused";
      holds[get.getColumn(0).getString()] = {
          paused ? HoldMode::kPaused : HoldMode::kDraining,
          FromMillis(get.getColumn(2).getInt64()),
          get.getColumn(3).getString()};
    }
    return holds;
  });
}

std::optional<ChannelHold> ChannelBook::HoldOf(SQLite::Database& db,
                                               const std::string& channel) {
  SQLite::Statement get(
      db, "SELECT mode, since, who FROM channel_holds WHERE channel = ?");
  SQLite::bind(get, channel);
  if (!get.executeStep()) return std::nullopt;
  const bool paused = get.getColumn(0).getString() == "paused";
  return ChannelHold{paused ? HoldMode::kPaused : HoldMode::kDraining,
                     FromMillis(get.getColumn(1).getInt64()),
                     get.getColumn(2).getString()};
}

void ChannelBook::Count(SQLite::Database& db, const std::string& channel,
                        std::string_view outcome, int64_t touches, int64_t cost,
                        Instant now) {
  SQLite::Statement put(
      db,
      "INSERT INTO channel_counts (channel, quarter, outcome, touches, cost) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (channel, quarter, outcome) "
      "DO UPDATE SET touches = touches + excluded.touches, "
      "cost = cost + excluded.cost");
  SQLite::bind(put, channel, QuarterOf(now), std::string(outcome), touches,
               cost);
  put.exec();
}

int64_t ChannelBook::Handed(SQLite::Database& db, const std::string& channel,
                            Instant from, Instant to) {
  SQLite::Statement get(
      db,
      "SELECT coalesce(sum(touches), 0) FROM channel_counts "
      "WHERE channel = ? AND quarter >= ? AND quarter < ? AND outcome = ?");
  SQLite::bind(get, channel, QuarterOf(from), QuarterFrom(to),
               std::string(kHanded));
  get.executeStep();
  return get.getColumn(0).getInt64();
}

std::map<std::string, ChannelCounts> ChannelBook::Counts(Instant from,
                                                         Instant to) const {
  return store_.Read([&](SQLite::Database& db) {
    // Channel by channel, as the key begins with it: so only those of the span
    // are read, though all are kept.
    SQLite::Statement get(
        db,
        "WITH RECURSIVE channels (id) AS ("
        "SELECT min(channel) FROM channel_counts UNION ALL "
        "SELECT (SELECT min(channel) FROM channel_counts WHERE channel > id) "
        "FROM channels WHERE id IS NOT NULL) "
        "SELECT channel, outcome, sum(touches), sum(cost) "
        "FROM channels CROSS JOIN channel_counts ON channel = id "
        "WHERE quarter >= ? AND quarter < ? GROUP BY channel, outcome");
    SQLite::bind(get, QuarterOf(from), QuarterFrom(to));
    std::map<std::string, ChannelCounts> counts;
    while (get.executeStep()) {
      ChannelCounts& channel = counts[get.getColumn(0).getString()];
      const std::string outcome = get.getColumn(1).getString();
      const int64_t touches = get.getColumn(2).getInt64();
      if (outcome == kHanded) {
        channel.handed += touches;
      } else {
        channel.by_outcome[outcome] += touches;
      }
      channel.cost += get.getColumn(3).getInt64();
    }
    return counts;
  });
}

std::map<std::string, ChannelQueue> ChannelBook::Queues(Instant now) const {
  return store_.Read([&](SQLite::Database& db) {
    std::map<std::string, ChannelQueue> queues;
    SQLite::Statement planned(
        db,
        "SELECT channel, count(*), count(CASE WHEN due_at <= ?1 THEN 1 END), "
        "min(due_at) FROM touches WHERE state = 'planned' GROUP BY channel");
    planned.bind(1, ToMillis(now));
    while (planned.executeStep()) {
      ChannelQueue& queue = queues[planned.getColumn(0).getString()];
      queue.waiting = planned.getColumn(1).getInt64();
      queue.due = planned.getColumn(2).getInt64();
      const Instant first = FromMillis(planned.getColumn(3).getInt64());
      if (queue.due > 0) queue.oldest_due = first;
    }
    SQLite::Statement unknown(db,
                              "SELECT channel, count(*) FROM touches "
                              "WHERE state = 'unknown' GROUP BY channel");
    while (unknown.executeStep()) {
      queues[unknown.getColumn(0).getString()].unknown =
          unknown.getColumn(1).getInt64();
    }
    return queues;
  });
}

bool ChannelBook::HasSent(const std::string& channel) const {
  return store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(
        db,
        "SELECT EXISTS (SELECT 1 FROM channel_counts WHERE channel = ?1) OR "
        "EXISTS (SELECT 1 FROM touches WHERE state = 'unknown' AND "
        "channel = ?1)");
    get.bind(1, channel);
    get.executeStep();
    return get.getColumn(0).getInt() != 0;
  });
}

std::map<std::string, std::map<TouchState, int64_t>> ChannelBook::States(
    Instant from, Instant to) const {
  return store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(
        db,
        "SELECT channel, state, count(*) FROM touches INDEXED BY "
        "touches_by_time WHERE planned_at >= ? AND planned_at < ? "
        "AND arm = 'treated' GROUP BY channel, state");
    SQLite::bind(get, ToMillis(from), ToMillis(to));
    std::map<std::string, std::map<TouchState, int64_t>> states;
    while (get.executeStep()) {
      const auto state = ParseTouchState(get.getColumn(1).getString());
      if (!state) continue;
      states[get.getColumn(0).getString()][*state] =
          get.getColumn(2).getInt64();
    }
    return states;
  });
}

void ChannelBook::Note(SQLite::Database& db, const OperatorAction& action) {
  SQLite::Statement put(
      db,
      "INSERT INTO operator_actions (at, who, action, subject, touches) "
      "VALUES (?, ?, ?, ?, ?)");
  SQLite::bind(put, ToMillis(action.at), action.who, action.action,
               action.subject, action.touches);
  put.exec();
}

std::vector<OperatorAction> ChannelBook::Actions(int64_t limit) const {
  return store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT at, who, action, subject, touches "
                          "FROM operator_actions ORDER BY id DESC LIMIT ?");
    get.bind(1, limit);
    std::vector<OperatorAction> actions;
    while (get.executeStep()) {
      actions.push_back(
          {FromMillis(get.getColumn(0).getInt64()),
           get.getColumn(1).getString(), get.getColumn(2).getString(),
           get.getColumn(3).getString(), get.getColumn(4).getInt64()});
    }
    return actions;
  });
}

}  // namespace rekindle
