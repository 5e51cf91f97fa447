#include "engine/exports/exports.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/small_engine.h"

namespace rekindle {
namespace {

constexpr char kSettings[] = R"(
time_zone: Asia/Shanghai
activity: app_open
behaviors:
  app_open: {event: app_open}
  trip: {event: trip}
  car_control: {event: [unlock, climate]}
lifecycle:
  substates:
    churned: {driving: {did: {behavior: trip, within: 2 months}}}
preferences:
  labels:
    trips: {behavior: trip}
    car_control: {behavior: car_control}
)";

class ExportsTest : public ::testing::Test {
 protected:
  ExportsTest() : engine_(kSettings) {
    engine_.Did("u1", "app_open", "2026-01-05");
    engine_.Did("u1", "app_open", "2026-02-03T10:00:00+08:00");
    engine_.Did("u1", "unlock", "2026-02-03T10:01:00+08:00");
    engine_.Did("u1", "app_open", "2026-02-04");
    engine_.Did("u1", "page", "2026-03-02T09:00:00+08:00",
                R"({"name":"Garage"})");
    engine_.Did("u1", "screen", "2026-03-02T08:00:00+08:00",
                R"({"name":"Home"})");
    engine_.Did("u1", "page", "2026-03-02T10:00:00+08:00", R"({"path":"/x"})");
    engine_.Did("u1", "app_open", "2026-03-02");
    engine_.Did("u1", "climate", "2026-03-02");
    engine_.Did("u10", "app_open", "2026-03-10");
    engine_.Did("u10", "trip", "2026-03-11");
    engine_.Did("u2", "app_open", "2025-11-01");
    engine_.Did("u2", "trip", "2026-02-15");
    engine_.Did("u3", "app_open", "2025-12-31");
    engine_.Did("u4", "trip", "2026-02-10");
    engine_.Did("u5", "app_open", "2026-04-01");  // not known yet
    engine_.VisitorDid("v", "app_open", "2026-03-01");
    engine_.Profile("u1", R"({"age":30,"city":"上海","score":1.25,)"
                          R"("state":"SH","vip":true})");
    engine_.Profile("u2", R"({"city":"a,b"})");
  }

  std::string Export(const std::string& name, const std::string& as_of,
                     const ExportOptions& options = {}) {
    std::ostringstream out;
    const auto sink = MakeRowSink(RowFormat::kCsv, out);
    const Status written =
        WriteExport(name, *engine_.At(as_of), options, *sink);
    return written ? out.str() : "error: " + written.error().message;
  }

  testing::SmallEngine engine_;
};

TEST_F(ExportsTest, Lifecycle) {
  EXPECT_EQ(Export("lifecycle", "2026-03-31"),
            "user_id,state,substate,inactive_periods,first_period,"
            "last_active_day\n"
            "u1,active,,0,2026-01,2026-03-02\n"
            "u10,new,,0,2026-03,2026-03-10\n"
            "u2,churned,driving,4,2025-11,2025-11-01\n"
            "u3,churned,other,3,2025-12,2025-12-31\n"
            "u4,dormant,,1,2026-02,2026-02-10\n");
}

TEST_F(ExportsTest, Preferences) {
  EXPECT_EQ(Export("preferences", "2026-03-31"),
            "user_id,label,days,active_days,share,labeled\n"
            "u1,car_control,2,4,0.500000,true\n");
  // A trip on a day without activity is no day of the label.
  engine_.Did("u10", "app_open", "2026-03-11");
  engine_.Did("u10", "app_open", "2026-03-12");
  engine_.Did("u10", "climate", "2026-03-12");
  EXPECT_EQ(Export("preferences", "2026-03-31"),
            "user_id,label,days,active_days,share,labeled\n"
            "u1,car_control,2,4,0.500000,true\n"
            "u10,car_control,1,3,0.333333,false\n"
            "u10,trips,1,3,0.333333,false\n");
}

TEST_F(ExportsTest, Users) {
  EXPECT_EQ(Export("users", "2026-03-31"),
            "user_id,state,substate,inactive_periods,last_active_day,labels,"
            "last_page,top_behaviors,app_open_days,trip_days,car_control_days,"
            "age,city,score,profile.state,vip\n"
            "u1,active,,0,2026-03-02,car_control,Garage,car_control,4,0,2,"
            "30,上海,1.25,SH,true\n"
            "u10,new,,0,2026-03-10,,,trip,1,1,0,,,,,\n"
            "u2,churned,driving,4,2025-11-01,,,trip,0,1,0,,\"a,b\",,,\n"
            "u3,churned,other,3,2025-12-31,,,,0,0,0,,,,,\n"
            "u4,dormant,,1,2026-02-10,,,trip,0,1,0,,,,,\n");
}

TEST_F(ExportsTest, Flows) {
  EXPECT_EQ(Export("flows", "2026-03-31"),
            "period,new,previous_new,active,woken,returned,dormant,churned,"
            "total,mau,active_rate,old_user_retention,new_user_retention,"
            "wake_rate,winback_rate\n"
            "2025-11,1,0,0,0,0,0,0,1,1,1.000000,,,,\n"
            "2025-12,1,0,0,0,0,1,0,2,1,0.500000,,0.000000,,\n"
            "2026-01,1,0,0,0,0,1,1,3,1,0.333333,,0.000000,0.000000,\n"
            "2026-02,1,1,0,0,0,0,2,4,2,0.500000,,1.000000,0.000000,"
            "0.000000\n"
            "2026-03,1,0,1,0,0,1,2,5,2,0.400000,1.000000,0.000000,,"
            "0.000000\n");
}

TEST_F(ExportsTest, Transitions) {
  EXPECT_EQ(Export("transitions", "2026-03-31"),
            "period,from,to,users\n"
            "2025-11,,new,1\n"
            "2025-12,,new,1\n"
            "2025-12,new,dormant,1\n"
            "2026-01,,new,1\n"
            "2026-01,dormant,churned,1\n"
            "2026-01,new,dormant,1\n"
            "2026-02,,new,1\n"
            "2026-02,churned,churned,1\n"
            "2026-02,dormant,churned,1\n"
            "2026-02,new,previous_new,1\n"
            "2026-03,,new,1\n"
            "2026-03,churned,churned,2\n"
            "2026-03,new,dormant,1\n"
            "2026-03,previous_new,active,1\n");
}

TEST_F(ExportsTest, RetentionLeavesUnfinishedCellsOut) {
  const std::string until_february =
      "cohort,size,n,retained\n"
      "2025-11,1,0,1\n"
      "2025-11,1,1,0\n"
      "2025-11,1,2,0\n"
      "2025-11,1,3,0\n"
      "2025-12,1,0,1\n"
      "2025-12,1,1,0\n"
      "2025-12,1,2,0\n"
      "2026-01,1,0,1\n"
      "2026-01,1,1,1\n"
      "2026-02,1,0,0\n";  // registration alone does not count
  EXPECT_EQ(Export("retention", "2026-02-28"), until_february);
  EXPECT_EQ(Export("retention", "2026-03-31T23:59:59+08:00"), until_february);
}

TEST_F(ExportsTest, RetentionOfABehaviorByAnotherUnit) {
  const ExportOptions options{PeriodUnit::kDay, "trip"};
  EXPECT_EQ(Export("retention", "2025-11-02", options),
            "cohort,size,n,retained\n"
            "2025-11-01,1,0,0\n"
            "2025-11-01,1,1,0\n");
  const ExportOptions weeks{PeriodUnit::kWeek, "trip"};
  const std::string text = Export("retention", "2026-02-15", weeks);
  EXPECT_NE(text.find("\n2025-W44,1,15,1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n2026-W07,1,0,1\n"), std::string::npos) << text;
}

// What programs write where they know no time: 2024 years of weeks, and all but
// one of them nobody's.
TEST_F(ExportsTest, RetentionOfOneCreatedLongBefore) {
  engine_.Profile("u9", R"({"created_at":"1900-01-01T00:00:00Z"})");
  const std::string text =
      Export("retention", "2026-02-15", {PeriodUnit::kWeek, ""});
  EXPECT_NE(text.find("\n1900-W01,1,0,0\n"), std::string::npos);
  EXPECT_NE(text.find("\n2026-W02,1,4,1\n"), std::string::npos);
}

TEST_F(ExportsTest, NobodyIsKnownBeforeTheFirst) {
  EXPECT_EQ(Export("transitions", "2025-10-31"), "period,from,to,users\n");
  EXPECT_EQ(Export("retention", "2025-10-31"), "cohort,size,n,retained\n");
}

TEST_F(ExportsTest, UnknownNames) {
  EXPECT_EQ(Export("flow", "2026-03-31"),
            "error: unknown export \"flow\"; did you mean \"flows\"?");
  EXPECT_EQ(Export("retention", "2026-03-31", {{}, "trips"}),
            "error: unknown behavior \"trips\"; did you mean \"trip\"?");
  EXPECT_EQ(Export("touches", "2026-03-31"),
            "error: touches are exported from the store");
}

TEST(ExportNamesTest, AreThoseOfTheDesign) {
  EXPECT_EQ(ExportNames(),
            (std::vector<std::string>{"lifecycle", "preferences", "users",
                                      "flows", "transitions", "retention",
                                      "touches", "receipts", "suppressions"}));
}

}  // namespace
}  // namespace rekindle
