// Tests daemon/commands/command_line.cc: what the operator is told.
#include "daemon/commands/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rekindle {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

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

TEST(CommandLineTest, TellsWhatWasMeant) {
  const std::pair<std::vector<std::string>, const char*> rows[] = {
      {{"plam"}, "error: there is no command \"plam\"; did you mean \"plan\"?"},
      {{"plan", "--rul", "x"},
       "error: plan has no option --rul; did you mean \"--rule\"?"},
      {{"plan", "--rul=x"},
       "error: plan has no option --rul; did you mean \"--rule\"?"},
      // What is missing, too, is no word to begin with.
      {{"settle", "--az", "failed"},
       "error: settle has no option --az; did you mean \"--as\"?"},
      {{"store", "chekc"}, "ACTION: not \"chekc\"; did you mean \"check\"?"},
      {{"store", "mend"},
       "ACTION: not \"mend\"; expected check, compact or stats"},
      {{"plan", "--format", "tabel"},
       "--format: not \"tabel\"; did you mean \"table\"?"},
      {{"import", "a.csv", "--format", "ndjso"},
       "--format: not \"ndjso\"; did you mean \"ndjson\"?"},
  };
  for (const auto& [arguments, told] : rows) {
    const ParsedCommand parsed = ParseCommandLine(arguments);
    EXPECT_FALSE(parsed.line);
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_THAT(parsed.text, StartsWith(told));
  }
}

TEST(CommandLineTest, TakesValuesThatLookLikeOptions) {
  const ParsedCommand paused =
      ParseCommandLine({"pause", "wake", "--note", "--why", "--by", "kim"});
  ASSERT_TRUE(paused.line) << paused.text;
  EXPECT_EQ(paused.line->note, "--why");
  EXPECT_EQ(paused.line->by, "kim");
  const ParsedCommand approved =
      ParseCommandLine({"approve", "wake", "--slot", "--by", "kim"});
  ASSERT_TRUE(approved.line) << approved.text;
  EXPECT_EQ(approved.line->slot, "");
  EXPECT_EQ(approved.line->by, "kim");
}

TEST(CommandLineTest, AnOptionWithoutWhatItGoesWithIsRefused) {
  const std::vector<std::string> generate = {
      "generate", "--users", "9", "--months", "1", "--seed", "1"};
  const auto generate_with = [&](const std::string& option) {
    std::vector<std::string> arguments = generate;
    arguments.push_back(option);
    arguments.push_back("4");
    return arguments;
  };
  const std::pair<std::vector<std::string>, const char*> rows[] = {
      {generate_with("--weeks"), "--weeks requires --follow"},
      {generate_with("--outcome-seed"), "--outcome-seed requires --follow"},
      {generate_with("--effect"), "--effect requires --follow"},
      {{"run", "--by", "kim"}, "--by requires --pass-guard"},
      {{"channel", "pause", "push", "--format", "csv"},
       "error: --format goes with channel status"},
      {{"store", "check", "--format", "csv"},
       "error: --format goes with store stats"},
  };
  for (const auto& [arguments, told] : rows) {
    const ParsedCommand parsed = ParseCommandLine(arguments);
    EXPECT_FALSE(parsed.line) << told;
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_THAT(parsed.text, StartsWith(told));
  }
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"channel", "status", "--format", "csv"},
        {"store", "stats", "--format", "ndjson"},
        {"run", "--rule", "wake", "--pass-guard", "--by", "kim"}}) {
    const ParsedCommand parsed = ParseCommandLine(arguments);
    EXPECT_TRUE(parsed.line) << parsed.text;
  }
}

TEST(CommandLineTest, WhatIsNoTableIsNotAskedForAsOne) {
  const ParsedCommand csv =
      ParseCommandLine({"explain", "ann", "--format", "csv"});
  EXPECT_FALSE(csv.line);
  EXPECT_THAT(csv.text, HasSubstr("not \"csv\"; expected text or ndjson"));
  const ParsedCommand text =
      ParseCommandLine({"explain", "ann", "--format", "text"});
  ASSERT_TRUE(text.line) << text.text;
  EXPECT_FALSE(text.line->format);
}

}  // namespace
}  // namespace rekindle
