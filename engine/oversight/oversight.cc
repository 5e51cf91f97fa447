#include "engine/oversight/oversight.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <array>

namespace rekindle {
namespace {

constexpr std::array<std::string_view, 4> kActionNames = {
    "approve", "approve_slot", "pause", "resume"};

OversightAction ParseAction(const std::string& word) {
  const auto found = std::find(kActionNames.begin(), kActionNames.end(), word);
  return static_cast<OversightAction>(found - kActionNames.begin());
}

bool IsPaused(SQLite::Database& db, const std::string& rule_id) {
  SQLite::Statement get(db, "SELECT 1 FROM paused_rules WHERE rule_id = ?");
  get.bind(1, rule_id);
  return get.executeStep();
}

// False where the rule was that already.
bool SetPaused(SQLite::Database& db, const std::string& rule_id, bool paused) {
  if (IsPaused(db, rule_id) == paused) return false;
  SQLite::Statement put(db, paused
                                ? "INSERT INTO paused_rules VALUES (?)"
                                : "DELETE FROM paused_rules WHERE rule_id = ?");
  put.bind(1, rule_id);
  put.exec();
  return true;
}

RuleDecision DecisionOf(SQLite::Statement& get) {
  RuleDecision decision;
  decision.rule_id = get.getColumn(0).getString();
  decision.action = ParseAction(get.getColumn(1).getString());
  decision.version = get.getColumn(2).getString();
  if (!get.getColumn(3).isNull()) {
    decision.slot = FromMillis(get.getColumn(3).getInt64());
  }
  decision.person = get.getColumn(4).getString();
  decision.note = get.getColumn(5).getString();
  decision.at = FromMillis(get.getColumn(6).getInt64());
  return decision;
}

constexpr char kColumns[] =
    "SELECT rule_id, action, version, slot, person, note, at "
    "FROM rule_decisions ";

}  // namespace

std::string_view OversightActionName(OversightAction action) {
  return kActionNames[static_cast<size_t>(action)];
}

bool Oversight::Record(SQLite::Database& db, const RuleDecision& decision) {
  const OversightAction action = decision.action;
  if ((action == OversightAction::kPause ||
       action == OversightAction::kResume) &&
      !SetPaused(db, decision.rule_id, action == OversightAction::kPause)) {
    return false;
  }
  SQLite::Statement put(
      db,
      "INSERT INTO rule_decisions (rule_id, action, version, slot, person, "
      "note, at) VALUES (?, ?, ?, ?, ?, ?, ?)");
  put.bind(1, decision.rule_id);
  put.bind(2, std::string(OversightActionName(action)));
  put.bind(3, decision.version);
  if (decision.slot) put.bind(4, ToMillis(*decision.slot));
  put.bind(5, decision.person);
  put.bind(6, decision.note);
  put.bind(7, ToMillis(decision.at));
  put.exec();
  return true;
}

bool Oversight::IsApproved(SQLite::Database& db, const std::string& rule_id,
                           const std::string& version) {
  SQLite::Statement get(db,
                        "SELECT version FROM rule_decisions WHERE rule_id = ? "
                        "AND action = 'approve' ORDER BY id DESC LIMIT 1");
  get.bind(1, rule_id);
  return get.executeStep() && get.getColumn(0).getString() == version;
}

bool Oversight::IsSlotApproved(SQLite::Database& db, const std::string& rule_id,
                               Instant slot) {
  SQLite::Statement get(db,
                        "SELECT 1 FROM rule_decisions WHERE rule_id = ? "
                        "AND action = 'approve_slot' AND slot = ?");
  SQLite::bind(get, rule_id, ToMillis(slot));
  return get.executeStep();
}

std::optional<RuleDecision> Oversight::Pause(SQLite::Database& db,
                                             const std::string& rule_id) {
  if (!IsPaused(db, rule_id)) return std::nullopt;
  SQLite::Statement get(db, std::string(kColumns) +
                                "WHERE rule_id = ? AND action = 'pause' "
                                "ORDER BY id DESC LIMIT 1");
  get.bind(1, rule_id);
  if (!get.executeStep()) return std::nullopt;
  return DecisionOf(get);
}

std::vector<RuleDecision> Oversight::List(
    SQLite::Database& db, const std::optional<std::string>& rule_id,
    int64_t limit) {
  SQLite::Statement get(db, std::string(kColumns) +
                                (rule_id ? "WHERE rule_id = ?1 " : "") +
                                "ORDER BY id DESC LIMIT ?2");
  if (rule_id) get.bind(1, *rule_id);
  get.bind(2, limit == 0 ? int64_t{-1} : limit);
  std::vector<RuleDecision> decisions;
  while (get.executeStep()) decisions.push_back(DecisionOf(get));
  return decisions;
}

}  // namespace rekindle
