// Consent: topics, channels and suppressions.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::OneRule;
using testing::World;

TEST(Consent, AsksTheTopicTheChannelsAndTheSuppressions) {
  World world(OneRule("topic: offers", "[push, mail]"));
  for (const char* user : {"ann", "bob", "cat", "dan", "eve", "fay"}) {
    world.User(user);
    world.Profile(user, "{\"email\":\"" + std::string(user) + "@x.example\"}");
  }
  world.engine().store().Write([&](SQLite::Database& db) {
    Consents::Set(db, world.Number("bob"), "offers", false);
    Consents::Set(db, world.Number("cat"), "push", false);
    Consents::Suppress(db, {.channel = "push", .address = "t-dan"});
    Consents::Suppress(db, {.user_id = "eve"});
    Consents::Set(db, world.Number("fay"), "push", false);
    Consents::Suppress(db, {.channel = "mail", .address = "fay@x.example"});
  });
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)),
            "wake: ann send push; bob skip no_consent; cat send mail; dan send "
            "mail; eve skip suppressed; fay skip suppressed\n");
}

TEST(Consent, IsSuppressedWhereEveryAddressIs) {
  World world(OneRule(""));
  for (const char* user : {"ann", "bob"}) {
    world.User(user);
    world.Profile(user, R"({"push_token":["t-1","t-2"]})");
  }
  world.Profile("bob", R"({"push_token":["t-1","t-3"]})");
  world.engine().store().Write([&](SQLite::Database& db) {
    Consents::Suppress(db, {.channel = "push", .address = "t-1"});
    Consents::Suppress(db, {.channel = "push", .address = "T-3"});
  });
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)),
            "wake: ann send push; bob skip suppressed\n");
}

}  // namespace
}  // namespace rekindle
