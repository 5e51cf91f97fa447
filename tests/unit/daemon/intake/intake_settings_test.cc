// Tests daemon/session/intake_settings.cc.
#include "daemon/session/intake_settings.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/yaml_text.h"

namespace rekindle {
namespace {

TEST(IntakeSettings, DefaultsAndEveryKey) {
  setenv("REKINDLE_TEST_KEY", "k", 1);
  yaml::Diagnostics d;
  IntakeSettings settings =
      ParseIntake(testing::YamlOf("write_keys: [{env: REKINDLE_TEST_KEY}]"), d);
  EXPECT_EQ(testing::MessagesOf(d), "");
  EXPECT_EQ(settings.listen, (ListenAddress{"0.0.0.0", 8081}));
  EXPECT_EQ(settings.write_keys.at(0).Reveal(), "k");
  EXPECT_EQ(settings.max_body, 4'000'000);
  EXPECT_EQ(settings.max_waiting, 64'000'000);

  settings =
      ParseIntake(testing::YamlOf("listen: \"[::1]:0\"\n"
                                  "write_keys: [{env: REKINDLE_TEST_KEY}]\n"
                                  "max_body: 500 kB\n"
                                  "max_waiting: 2 MB\n"
                                  "max_connections: 7\n"),
                  d);
  EXPECT_EQ(testing::MessagesOf(d), "");
  EXPECT_EQ(settings.listen, (ListenAddress{"::1", 0}));
  EXPECT_EQ(settings.max_body, 500000);
  EXPECT_EQ(settings.max_waiting, 2000000);
  EXPECT_EQ(settings.max_connections, 7);
}

TEST(IntakeSettings, WhatWillNotDo) {
  setenv("REKINDLE_TEST_KEY", "k", 1);
  struct Case {
    const char* yaml;
    const char* message;
  };
  for (const auto& [yaml, message] :
       {Case{"listen: \"0.0.0.0:8081\"", "intake needs \"write_keys\""},
        {"write_keys: []",
         "write_keys must be a list of secrets, such as [{file: "
         "secrets/write_key}]"},
        {"write_keys: {env: REKINDLE_TEST_KEY}",
         "write_keys must be a list of secrets, such as [{file: "
         "secrets/write_key}]"},
        {"write_keys: [abc]", "a secret is never written in a settings file"},
        {"write_keys: [{env: REKINDLE_TEST_KEY}]\nlisten: 8081",
         "listen must be HOST:PORT"},
        {"write_keys: [{env: REKINDLE_TEST_KEY}]\nmax_body: 4",
         "max_body must be a size up to 1 GB, such as \"4 MB\" or \"500 kB\", "
         "not \"4\""},
        {"write_keys: [{env: REKINDLE_TEST_KEY}]\nmax_body: 0 MB",
         "max_body must be a size"},
        {"write_keys: [{env: REKINDLE_TEST_KEY}]\nmax_body: 2 GB",
         "max_body must be a size"},
        {"write_keys: [{env: REKINDLE_TEST_KEY}]\nmax_waiting: 15 MB",
         "max_waiting must be at least 4 times max_body"},
        {"write_keys: [{env: REKINDLE_TEST_KEY}]\nmax_connections: 0",
         "max_connections"},
        {"write_key: {env: REKINDLE_TEST_KEY}",
         "did you mean \"write_keys\"?"}}) {
    yaml::Diagnostics d;
    ParseIntake(testing::YamlOf(yaml), d);
    EXPECT_NE(testing::MessagesOf(d).find(message), std::string::npos)
        << yaml << "\n"
        << testing::MessagesOf(d);
  }
}

}  // namespace
}  // namespace rekindle
