// touched and not_touched, by the ledger of a real engine and by a made-up one.
#include "tests/support/small_engine.h"
#include "tests/unit/engine/conditions/one_user.h"

namespace rekindle {
namespace {

using namespace std::chrono;

class TouchedConditions : public OneUser {
 protected:
  void Touch(const std::string& rule, const std::string& channel,
             TouchState state, int day, int hour = 9) {
    user().touches.push_back(
        {rule, channel, state, At(Day(2026, 2, day), hours(hour))});
  }
};

TEST_F(TouchedConditions, AsksForRuleChannelStateAndTime) {
  Touch("wake", "push", TouchState::kOpened, 3);
  Touch("greet", "mail", TouchState::kHeldOut, 10);
  Touch("greet", "mail", TouchState::kDropped, 11);
  Touch("care", "sms", TouchState::kFailed, 12);
  const std::pair<const char*, bool> rows[] = {
      {"", true},
      {"rule: wake", true},
      // Held out, dropped or failed: nothing reached them.
      {"rule: greet", false},
      {"rule: [greet, wake]", true},
      {"channel: push", true},
      {"channel: [mail, sms]", false},
      {"rule: wake, channel: mail", false},
      {"state: opened", true},
      // Opened was delivered, and accepted.
      {"state: delivered", true},
      {"state: accepted", true},
      {"state: clicked", false},
      {"state: planned", false},
      {"state: held_out", true},
      {"state: [failed, bounced]", true},
      {"state: held_out, rule: wake", false},
      {"within: 15 days", true},
      {"within: 14 days", false},
      {"within: 1 month", true},
      {"state: failed, within: 123 hours", true},
      {"state: failed, within: 122 hours", false},
  };
  for (const auto& [row, holds] : rows) {
    const std::string body = std::string("{") + row + "}}";
    EXPECT_EQ(Holds("{touched: " + body), holds) << row;
    EXPECT_EQ(Holds("{not_touched: " + body), !holds) << row;
  }
}

TEST_F(TouchedConditions, ExplainsTheLastOne) {
  EXPECT_EQ(Text("{touched: {rule: wake}}"),
            "touched: by wake | no such touch | does not hold");
  Touch("wake", "push", TouchState::kDelivered, 3);
  Touch("wake", "", TouchState::kAccepted, 4);
  EXPECT_EQ(
      Text("{not_touched: {rule: [wake, greet], channel: push, state: "
           "delivered, within: 30 days}}"),
      "not_touched: not: by wake or greet through push and delivered within "
      "30 days | delivered by wake through push on 2026-02-03 09:00 | does not "
      "hold");
  EXPECT_EQ(Text("{touched: {}}"),
            "touched: ever | accepted by wake on 2026-02-04 09:00 | holds");
}

// In one tick rules do not see each other's touches, whatever their order:
// what is planned at as_of itself is not there yet.
TEST(TouchedTest, ReadsTheLedgerBeforeTheInstant) {
  testing::SmallEngine engine("behaviors: {open: {event: open}}");
  for (const char* user : {"ann", "ben", "eve"}) {
    engine.Did(user, "open", "2026-02-01");
  }
  const Calendar& calendar = engine.settings().calendar;
  const auto at = [&](const char* text) {
    return calendar.ParseMoment(text)->at;
  };
  const auto touch = [&](const char* user, const char* rule, Arm arm,
                         const char* when) {
    Ledger::ImportedTouch imported;
    imported.rule_id = rule;
    imported.user = engine.engine().users().Find(user);
    imported.at = at(when);
    imported.arm = arm;
    imported.channel = "push";
    engine.engine().store().Write([&](SQLite::Database& db) {
      engine.engine().ledger().Import(db, {&imported, 1});
    });
  };
  touch("ann", "wake", Arm::kTreated, "2026-02-10T09:00:00Z");
  touch("ben", "wake", Arm::kHeldOut, "2026-02-10T09:00:00Z");
  touch("eve", "it's", Arm::kTreated, "2026-02-12T09:00:00Z");
  const auto who = [&](const std::string& text, const char* as_of) {
    const auto facts = engine.engine().At(at(as_of));
    yaml::Diagnostics d;
    const auto condition = ParseCondition(
        testing::YamlOf(text), VocabularyOf(facts->settings()), d, "when");
    const UserSet users = condition->Select(*facts);
    std::string ids;
    facts->Known().ForEach([&](UserNumber user) {
      const Finding finding = condition->Explain(*facts, user);
      EXPECT_EQ(finding.holds, users.Contains(user)) << text;
      if (finding.holds) {
        ids +=
            (ids.empty() ? "" : " ") + std::string(facts->users().IdOf(user));
      }
    });
    return ids;
  };
  const char* const later = "2026-02-20T00:00:00Z";
  EXPECT_EQ(who("{touched: {rule: wake}}", later), "ann");
  EXPECT_EQ(who("{touched: {}}", later), "ann eve");
  EXPECT_EQ(who("{touched: {rule: \"it's\", channel: [push, mail]}}", later),
            "eve");
  EXPECT_EQ(who("{touched: {state: held_out}}", later), "ben");
  EXPECT_EQ(who("{not_touched: {rule: wake}}", later), "ben eve");
  EXPECT_EQ(who("{touched: {within: 9 days}}", later), "eve");
  EXPECT_EQ(who("{touched: {rule: wake}}", "2026-02-10T09:00:00Z"), "");
  EXPECT_EQ(who("{touched: {rule: wake}}", "2026-02-10T09:00:00.001Z"), "ann");
}

}  // namespace
}  // namespace rekindle
