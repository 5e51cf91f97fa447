#include "config/state_path.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace rekindle {
namespace {

class StatePathTest : public testing::Test {
 protected:
  StatePathTest() { unsetenv("STATE_DIRECTORY"); }
  ~StatePathTest() override { unsetenv("STATE_DIRECTORY"); }
};

TEST_F(StatePathTest, IsBesideTheSettings) {
  EXPECT_EQ(StatePath("/home/kim/app/rekindle.yaml", "data"),
            "/home/kim/app/data");
  EXPECT_EQ(StatePath("rekindle.yaml", "data"), "data");
  EXPECT_EQ(StatePath("/srv/a/rekindle.yaml", "../data"), "/srv/data");
  EXPECT_EQ(StatePath("/srv/a/rekindle.yaml", "/data"), "/data");
  setenv("STATE_DIRECTORY", "", 1);
  EXPECT_EQ(StatePath("rekindle.yaml", "data"), "data");
}

TEST_F(StatePathTest, IsWhereTheServiceManagerSays) {
  setenv("STATE_DIRECTORY", "/var/lib/rekindle-b", 1);
  EXPECT_EQ(StatePath("/srv/rekindle.yaml", "data"),
            "/var/lib/rekindle-b/data");
  EXPECT_EQ(StatePath("/srv/channels/list.yaml", "handoff/calls"),
            "/var/lib/rekindle-b/handoff/calls");
  EXPECT_EQ(StatePath("/srv/rekindle.yaml", "/data"), "/data");
  setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
  EXPECT_EQ(StatePath("/srv/rekindle.yaml", "data"), "/var/lib/a/data");
}

// A command has no $STATE_DIRECTORY, or that of another service.
TEST_F(StatePathTest, OfTheSystemsSettingsIsTheSameForWhoeverAsks) {
  EXPECT_EQ(StatePath("/etc/rekindle/rekindle.yaml", "data"),
            "/var/lib/rekindle/data");
  setenv("STATE_DIRECTORY", "/var/lib/loader", 1);
  EXPECT_EQ(StatePath("/etc/rekindle/rekindle.yaml", "data"),
            "/var/lib/rekindle/data");
  EXPECT_EQ(StatePath("/etc/rekindle/conf.d/../rules/a.yaml", "out"),
            "/var/lib/rekindle/out");
  EXPECT_EQ(StatePath("/etc/rekindle/rekindle.yaml", "/srv/data"), "/srv/data");
  EXPECT_EQ(StatePath("/etc/rekindle-b/rekindle.yaml", "data"),
            "/var/lib/loader/data");
}

}  // namespace
}  // namespace rekindle
