#include "engine/review/review.h"

namespace rekindle {
namespace {

using Reviews = std::map<std::string, RuleReview>;

RuleReview& ReviewOf(Reviews& reviews, const SQLite::Statement& get) {
  const std::string rule_id = get.getColumn(0).getString();
  RuleReview& review = reviews[rule_id];
  review.rule_id = rule_id;
  return review;
}

// Every query below takes as_of as ?1 and the rule (or NULL) as ?2.
SQLite::Statement Prepare(SQLite::Database& db, const std::string& sql,
                          Instant as_of,
                          const std::optional<std::string>& rule_id) {
  SQLite::Statement get(db, sql);
  get.bind(1, ToMillis(as_of));
  if (rule_id) get.bind(2, *rule_id);
  return get;
}

void AddSlots(SQLite::Database& db, Instant as_of,
              const std::optional<std::string>& rule_id, Reviews& reviews) {
  auto slots = Prepare(db,
                       "SELECT rule_id, count(*), sum(state = 'missed'), "
                       "sum(iif(state = 'stopped', 0, matched)) FROM slots "
                       "WHERE slot <= ?1 "
                       "AND (?2 IS NULL OR rule_id = ?2) GROUP BY rule_id",
                       as_of, rule_id);
  while (slots.executeStep()) {
    RuleReview& review = ReviewOf(reviews, slots);
    review.slots = slots.getColumn(1).getInt64();
    review.missed_slots = slots.getColumn(2).getInt64();
    review.matched = slots.getColumn(3).getInt64();
  }
  auto skips = Prepare(db,
                       "SELECT rule_id, reason, sum(users) FROM slot_skips "
                       "WHERE slot <= ?1 AND (?2 IS NULL OR rule_id = ?2) "
                       "GROUP BY rule_id, reason",
                       as_of, rule_id);
  while (skips.executeStep()) {
    ReviewOf(reviews, skips).skipped[skips.getColumn(1).getString()] =
        skips.getColumn(2).getInt64();
  }
}

void AddTouches(SQLite::Database& db, Instant as_of,
                const std::optional<std::string>& rule_id, Reviews& reviews) {
  auto get =
      Prepare(db,
              "SELECT rule_id, state, arm = 'treated', count(*), "
              "count(CASE WHEN goal_at <= ?1 THEN 1 END), sum(goal <> ''), "
              "sum(goal <> '' AND coalesce(goal_until > ?1, 1)) FROM touches "
              "WHERE planned_at <= ?1 AND (?2 IS NULL OR rule_id = ?2) "
              "GROUP BY rule_id, state, arm",
              as_of, rule_id);
  while (get.executeStep()) {
    RuleReview& review = ReviewOf(reviews, get);
    const int64_t touches = get.getColumn(3).getInt64();
    const auto state = ParseTouchState(get.getColumn(1).getString());
    if (state) review.by_state[*state] += touches;
    const bool treated = get.getColumn(2).getInt() != 0;
    (treated ? review.treated : review.held_out) += touches;
    review.goal_reached += get.getColumn(4).getInt64();
    review.has_goal |= get.getColumn(5).getInt64() > 0;
    review.open_windows += get.getColumn(6).getInt64();
  }
}

// What the state of touches says of how far they came.
void CountStages(RuleReview& review) {
  const auto count = [&](TouchState state) {
    const auto found = review.by_state.find(state);
    return found == review.by_state.end() ? 0 : found->second;
  };
  review.clicked = count(TouchState::kClicked);
  review.opened = review.clicked + count(TouchState::kOpened);
  review.delivered = review.opened + count(TouchState::kDelivered);
  review.bounced = count(TouchState::kBounced);
  review.accepted =
      review.delivered + review.bounced + count(TouchState::kAccepted);
}

void AddReceipts(SQLite::Database& db, Instant as_of,
                 const std::optional<std::string>& rule_id, Reviews& reviews) {
  auto get =
      Prepare(db,
              "SELECT t.rule_id, sum(r.state = 'complained'), "
              "sum(r.state = 'unsubscribed') FROM receipts r "
              "JOIN touches t ON t.id = r.touch WHERE r.at <= ?1 "
              "AND r.state IN ('complained', 'unsubscribed') "
              "AND t.planned_at <= ?1 AND (?2 IS NULL OR t.rule_id = ?2) "
              "GROUP BY t.rule_id",
              as_of, rule_id);
  while (get.executeStep()) {
    RuleReview& review = ReviewOf(reviews, get);
    review.complained = get.getColumn(1).getInt64();
    review.unsubscribed = get.getColumn(2).getInt64();
  }
}

void AddCosts(SQLite::Database& db, Instant as_of,
              const std::optional<std::string>& rule_id, Reviews& reviews) {
  auto get = Prepare(db,
                     "SELECT rule_id, sum(cost) FROM slot_costs "
                     "WHERE slot <= ?1 AND (?2 IS NULL OR rule_id = ?2) "
                     "GROUP BY rule_id",
                     as_of, rule_id);
  while (get.executeStep()) {
    ReviewOf(reviews, get).cost = get.getColumn(1).getInt64();
  }
}

// Each user once, by the first touch with a goal; whether its window has
// closed is asked after that choice, so that a later touch never stands in for
// an open first one.
void AddUsers(SQLite::Database& db, Instant as_of,
              const std::optional<std::string>& rule_id, Reviews& reviews) {
  auto get =
      Prepare(db,
              "SELECT rule_id, arm = 'treated', count(*), "
              "count(CASE WHEN goal_at <= ?1 THEN 1 END) FROM ("
              "SELECT rule_id, arm, goal_at, goal_until, row_number() OVER ("
              "PARTITION BY rule_id, user ORDER BY planned_at, id) AS nth "
              "FROM touches WHERE planned_at <= ?1 AND goal <> '' "
              "AND (?2 IS NULL OR rule_id = ?2)) "
              "WHERE nth = 1 AND goal_until <= ?1 GROUP BY rule_id, arm",
              as_of, rule_id);
  while (get.executeStep()) {
    RuleReview& review = ReviewOf(reviews, get);
    const bool treated = get.getColumn(1).getInt() != 0;
    ArmResult& arm = treated ? review.treated_users : review.held_out_users;
    arm.users = get.getColumn(2).getInt64();
    arm.reached = get.getColumn(3).getInt64();
  }
}

void JudgeUsers(RuleReview& review) {
  review.uplift = ComputeUplift(review.treated_users, review.held_out_users);
  if (review.uplift) {
    review.incremental_users = review.uplift->difference *
                               static_cast<double>(review.treated_users.users);
  }
  review.verdict = Judge(review.treated_users, review.held_out_users);
}

}  // namespace

std::vector<RuleReview> ComputeReview(const Store& store, Instant as_of,
                                      std::optional<std::string> rule_id) {
  Reviews reviews;
  store.Read([&](SQLite::Database& db) {
    AddSlots(db, as_of, rule_id, reviews);
    AddTouches(db, as_of, rule_id, reviews);
    AddReceipts(db, as_of, rule_id, reviews);
    AddCosts(db, as_of, rule_id, reviews);
    AddUsers(db, as_of, rule_id, reviews);
  });
  std::vector<RuleReview> rows;
  for (auto& [id, review] : reviews) {
    CountStages(review);
    JudgeUsers(review);
    rows.push_back(std::move(review));
  }
  return rows;
}

}  // namespace rekindle
