#include "engine/oversight/notices.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace rekindle {
namespace {

constexpr std::array<std::string_view, 5> kStateNames = {
    "waiting", "sending", "sent", "failed", "unknown"};

NoticeState ParseState(const std::string& word) {
  const auto found = std::find(kStateNames.begin(), kStateNames.end(), word);
  return static_cast<NoticeState>(found - kStateNames.begin());
}

// The waiting causes of a channel, those of one message side by side. What was
// tried before keeps its causes, so that a repeat is known as one.
std::vector<Notice> ReadDue(SQLite::Database& db, const std::string& channel,
                            Instant now) {
  SQLite::Statement get(
      db,
      "SELECT rule_id, about_channel, slot, address, cause, why, at, attempts "
      "FROM notices AS due "
      "WHERE channel = ? AND state = 'waiting' AND next_at <= ? "
      "AND (about_channel = '' OR NOT EXISTS ("
      "SELECT 1 FROM notices AS older WHERE older.rule_id = '' "
      "AND older.about_channel = due.about_channel "
      "AND older.slot < due.slot AND older.channel = due.channel "
      "AND older.state IN ('waiting', 'sending'))) "
      "ORDER BY rule_id, about_channel, slot, address, attempts, cause");
  SQLite::bind(get, channel, ToMillis(now));
  std::vector<Notice> due;
  while (get.executeStep()) {
    Notice one{.rule_id = get.getColumn(0).getString(),
               .about_channel = get.getColumn(1).getString(),
               .slot = FromMillis(get.getColumn(2).getInt64()),
               .to = {channel, get.getColumn(3).getString()},
               .causes = {get.getColumn(4).getString()},
               .why = get.getColumn(5).getString(),
               .at = FromMillis(get.getColumn(6).getInt64()),
               .attempt = get.getColumn(7).getInt() + 1};
    const auto message = [](const Notice& of) {
      return std::tie(of.rule_id, of.about_channel, of.slot, of.to.address,
                      of.attempt);
    };
    if (!due.empty() && message(due.back()) == message(one)) {
      due.back().causes.push_back(one.causes[0]);
      due.back().at = std::min(due.back().at, one.at);
    } else {
      due.push_back(std::move(one));
    }
  }
  return due;
}

}  // namespace

std::string_view NoticeStateName(NoticeState state) {
  return kStateNames[static_cast<size_t>(state)];
}

void Notices::Add(SQLite::Database& db, const std::string& rule_id,
                  Instant slot, const std::string& cause,
                  const NoticeReceiver& to, Instant now) {
  SQLite::Statement put(
      db,
      "INSERT INTO notices (rule_id, about_channel, slot, cause, channel, "
      "address, state, at, next_at) "
      "VALUES (?1, '', ?2, ?3, ?4, ?5, 'waiting', ?6, ?6) "
      "ON CONFLICT DO NOTHING");
  SQLite::bind(put, rule_id, ToMillis(slot), cause, to.channel, to.address,
               ToMillis(now));
  put.exec();
}

bool Notices::Has(SQLite::Database& db, const std::string& rule_id,
                  Instant slot, const std::string& cause) {
  SQLite::Statement get(db,
                        "SELECT 1 FROM notices WHERE rule_id = ? AND slot = ? "
                        "AND about_channel = '' AND cause = ?");
  SQLite::bind(get, rule_id, ToMillis(slot), cause);
  return get.executeStep();
}

std::string Notices::LastOfChannel(SQLite::Database& db,
                                   const std::string& channel,
                                   const NoticeReceiver& to) {
  SQLite::Statement get(
      db,
      "SELECT cause FROM notices WHERE rule_id = '' AND about_channel = ?1 "
      "AND (state IN ('sending', 'sent', 'unknown') "
      "OR channel = ?2 AND address = ?3) ORDER BY slot DESC LIMIT 1");
  SQLite::bind(get, channel, to.channel, to.address);
  return get.executeStep() ? get.getColumn(0).getString() : "";
}

void Notices::AddOfChannel(SQLite::Database& db, const std::string& channel,
                           const std::string& standing, const std::string& why,
                           const NoticeReceiver& to, Instant now) {
  if (LastOfChannel(db, channel, to) == standing) return;
  SQLite::Statement give_up(
      db,
      "UPDATE notices SET state = 'failed', detail = 'told elsewhere' "
      "WHERE rule_id = '' AND about_channel = ? AND state = 'waiting' "
      "AND (channel != ? OR address != ?)");
  SQLite::bind(give_up, channel, to.channel, to.address);
  give_up.exec();
  SQLite::Statement put(
      db,
      "INSERT INTO notices (rule_id, about_channel, slot, cause, why, channel, "
      "address, state, at, next_at) "
      "VALUES ('', ?1, max(?2, (SELECT coalesce(max(slot) + 1, ?2) "
      "FROM notices WHERE rule_id = '' AND about_channel = ?1)), "
      "?3, ?4, ?5, ?6, 'waiting', ?2, ?2)");
  SQLite::bind(put, channel, ToMillis(now), standing, why, to.channel,
               to.address);
  put.exec();
}

std::vector<Notice> Notices::Claim(SQLite::Database& db,
                                   const std::string& channel, Instant now) {
  SQLite::Statement give_up(
      db,
      "UPDATE notices SET state = 'failed', detail = 'out of date' "
      "WHERE channel = ? AND state = 'waiting' AND about_channel != '' "
      "AND next_at < ?");
  SQLite::bind(give_up, channel, ToMillis(now - kNewsOfChannelLasts));
  give_up.exec();
  std::vector<Notice> due = ReadDue(db, channel, now);
  for (const Notice& notice : due) {
    Record(db, notice, NoticeState::kSending, "", now);
  }
  return due;
}

void Notices::Record(SQLite::Database& db, const Notice& notice,
                     NoticeState state, const std::string& detail,
                     Instant next_at) {
  SQLite::Statement put(db,
                        "UPDATE notices SET state = ?, detail = ?, next_at = "
                        "?, attempts = ? WHERE rule_id = ? AND about_channel "
                        "= ? AND slot = ? AND cause = ? AND channel = ? AND "
                        "address = ?");
  for (const std::string& cause : notice.causes) {
    SQLite::bind(put, std::string(NoticeStateName(state)), detail,
                 ToMillis(next_at), notice.attempt, notice.rule_id,
                 notice.about_channel, ToMillis(notice.slot), cause,
                 notice.to.channel, notice.to.address);
    put.exec();
    put.reset();
  }
}

void Notices::ResolveInterrupted(SQLite::Database& db,
                                 const std::string& channel,
                                 bool deduplicates) {
  SQLite::Statement put(db,
                        "UPDATE notices SET state = ?, detail = 'interrupted' "
                        "WHERE channel = ? AND state = 'sending'");
  SQLite::bind(
      put,
      std::string(NoticeStateName(deduplicates ? NoticeState::kWaiting
                                               : NoticeState::kUnknown)),
      channel);
  put.exec();
}

bool Notices::AnyOpen(SQLite::Database& db, const std::string& channel) {
  SQLite::Statement get(db,
                        "SELECT 1 FROM notices WHERE channel = ? AND (state = "
                        "'waiting' OR state = 'sending') LIMIT 1");
  get.bind(1, channel);
  return get.executeStep();
}

std::map<NoticeState, int64_t> Notices::CountByState(SQLite::Database& db) {
  SQLite::Statement get(db,
                        "SELECT state, count(*) FROM notices GROUP BY state");
  std::map<NoticeState, int64_t> counts;
  while (get.executeStep()) {
    counts[ParseState(get.getColumn(0).getString())] =
        get.getColumn(1).getInt64();
  }
  return counts;
}

}  // namespace rekindle
