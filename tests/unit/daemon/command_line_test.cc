// Tests daemon/commands/command_line.cc: what the operator is told.
#include "daemon/commands/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rekindle {
namespace {

using ::testing::HasSubstr;

TEST(CommandLineTest, HelpShowsAnExampleOfEveryCommand) {
  const ParsedCommand help = ParseCommandLine({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_FALSE(help.line);
  for (const char* name :
       {"check", "schema", "import", "recompute", "plan", "run", "explain",
        "review", "approve", "approvals", "pause", "resume", "export",
        "generate", "receipt", "forget", "store", "channel", "settle"}) {
    EXPECT_THAT(help.text, HasSubstr(std::string("\n  rekindle ") + name));
    const ParsedCommand one = ParseCommandLine({name, "--help"});
    EXPECT_EQ(one.exit_code, 0);
    EXPECT_THAT(one.text, HasSubstr(std::string("Example: rekindle ") + name));
  }
}

}  // namespace
}  // namespace rekindle
