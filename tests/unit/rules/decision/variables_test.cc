#include "rules/decision/variables.h"

#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

class VariablesTest : public EngineTest {
 protected:
  void MoveTo(const std::string& zone) {
    std::string settings = kCarSettings;
    const std::string of_now = "Asia/Shanghai";
    Open(settings.replace(settings.find(of_now), of_now.size(), zone));
  }
  std::string ValueOf(const std::string& name, const std::string& as_of) const {
    const auto facts = engine_->At(At(as_of).at);
    const UserNumber ann = facts->users().Find("ann");
    UserSet users;
    users.Add(ann);
    return Variables(*facts, {name}, users)
        .ValueOf(ann, name, "en")
        .value_or("nothing");
  }
};

// As conditions have it, whatever the zone was when the event was stored.
TEST_F(VariablesTest, ADateCountsFromTheStartOfTheDayInTheZoneOfNow) {
  Append(Event("ann", "trip_completed", "2026-03-06", R"({"to":"sea"})"));
  MoveTo("America/Los_Angeles");
  const char early[] = "2026-03-06T01:00:00-08:00";
  EXPECT_EQ(ValueOf("count.trip.1_days", early), "1");
  EXPECT_EQ(ValueOf("last.trip.to", early), "sea");
  EXPECT_EQ(ValueOf("count.trip", "2026-03-05T23:59:59-08:00"), "0");

  Append(Event("ann", "trip_completed", "2026-03-08", R"({"to":"hills"})"));
  MoveTo("Asia/Shanghai");
  const char morning[] = "2026-03-08T01:00:00+08:00";
  EXPECT_EQ(ValueOf("count.trip.1_days", morning), "1");
  EXPECT_EQ(ValueOf("count.trip", morning), "2");
  EXPECT_EQ(ValueOf("last.trip.to", morning), "hills");
}

}  // namespace
}  // namespace rekindle
