// Tests rules/definition/parse_caps.cc, parse_oversight.cc and the ramp
// of parse_limits.cc.
#include <gtest/gtest.h>

#include "tests/unit/rules/rule_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;
using testing::Headlines;
using testing::kTemplates;
using testing::LineCase;
using testing::Load;
using testing::Loaded;

// A rule on line 2 of b.yaml, the tested line on line 3.
std::string SendingRuleWith(const std::string& line) {
  return "rules:\n"
         "  - id: wake\n"
         "    " +
         line +
         "\n"
         "    when: {lifecycle: dormant}\n"
         "    schedule: daily 10:00\n"
         "    send: {channel: push, template: hello}\n";
}

TEST(ParseCaps, OfTheWholeConfiguration) {
  Loaded loaded = Load({R"yaml(
caps:
  - {class: marketing, max: 1, per: day}
  - {class: marketing, max: 3, within: 7 days}
  - {channel: push, max: 2, per: month}
  - {max: 5, within: 90 minutes}
)yaml"});
  ASSERT_TRUE(loaded.ok) << loaded.messages;
  const auto& caps = loaded.rules->caps;
  ASSERT_EQ(caps.size(), 4u);
  EXPECT_EQ(caps[0].per, PeriodUnit::kDay);
  EXPECT_EQ(caps[0].max, 1);
  EXPECT_TRUE(caps[0].channel.empty());
  EXPECT_FALSE(caps[1].per);
  EXPECT_EQ(caps[1].within, hours(7 * 24));
  EXPECT_EQ(FormatDuration(caps[1].within_as_written), "7 days");
  EXPECT_EQ(caps[2].channel, "push");
  EXPECT_EQ(caps[2].per, PeriodUnit::kMonth);
  EXPECT_EQ(caps[3].within, std::chrono::minutes(90));
}

TEST(ParseCaps, OneADayWhereNoneAreNamedAndNoneWhereTheListIsEmpty) {
  const auto otherwise = Load({kTemplates}).rules->caps;
  ASSERT_EQ(otherwise.size(), 1u);
  EXPECT_EQ(otherwise[0].per, PeriodUnit::kDay);
  EXPECT_EQ(otherwise[0].max, 1);
  EXPECT_TRUE(Load({"caps: []\n"}).rules->caps.empty());
}

TEST(ParseCaps, SaysWhatIsWrong) {
  const std::vector<LineCase> cases = {
      {"caps: {max: 1, per: day}",
       "a.yaml:1:7: error: caps must be a list, like [{class: marketing, max: "
       "1, per: day}], not a map\n"},
      {"caps: [{max: 0, per: day}]",
       "a.yaml:1:14: error: max must be at least 1, not 0; to stop a rule, use "
       "`enabled: false`\n"},
      {"caps: [{max: -1, per: day}]",
       "a.yaml:1:14: error: max must be a whole number from 1 on, not -1\n"},
      {"caps: [{per: day}]", "a.yaml:1:8: error: a cap needs \"max\"\n"},
      {"caps: [{max: 1}]",
       "a.yaml:1:8: error: a cap needs \"per\" (day, week or month of the "
       "user's zone) or \"within\" (like 7 days)\n"},
      {"caps: [{max: 1, per: day, within: 2 days}]",
       "a.yaml:1:35: error: a cap has \"per\" or \"within\", not both\n"},
      {"caps: [{max: 1, per: dya}]",
       "a.yaml:1:22: error: unknown value of per \"dya\"; did you mean "
       "\"day\"?\n"},
      {"caps: [{max: 1, within: 1 month}]",
       "a.yaml:1:25: error: within rolls by minutes, hours, days or weeks, not "
       "\"1 month\"; for a calendar month use `per: month`\n"},
      {"caps: [{max: 1, per: day, channel: psuh}]",
       "a.yaml:1:36: error: unknown channel \"psuh\"; did you mean "
       "\"push\"?\n"},
      {"caps: [{max: 1, per: day, class: transactional}]",
       "a.yaml:1:34: error: transactional touches are exempt from caps; class "
       "must be marketing\n"},
      {"caps: [{max: 1, per: day, clas: marketing}]",
       "a.yaml:1:27: error: unknown key \"clas\" in a cap; did you mean "
       "\"class\"?\n"},
  };
  for (const LineCase& c : cases) {
    SCOPED_TRACE(c.line);
    EXPECT_EQ(Headlines(Load({c.line}).messages), c.message);
  }
}

TEST(ParseCaps, NameNoMoreChannelsThanFit) {
  std::vector<ChannelFacts> channels;
  std::string caps = "caps:\n  - {max: 9, per: day}\n";
  for (size_t i = 0; i <= kMostCappedChannels + 1; ++i) {
    const std::string id = "c" + std::to_string(i);
    channels.push_back({.id = id, .type = "file", .any_parts = true});
    for (const char* per : {"day", "week"}) {
      caps +=
          "  - {max: 1, per: " + std::string(per) + ", channel: " + id + "}\n";
    }
    const Loaded loaded = Load({caps}, testing::kSettings, channels);
    if (i < kMostCappedChannels) {
      EXPECT_TRUE(loaded.ok) << loaded.messages;
      continue;
    }
    EXPECT_EQ(Headlines(loaded.messages),
              "a.yaml:129:33: error: caps name at most 63 channels; \"c63\" is "
              "one more\n");
  }
}

TEST(ParseOversight, SaysWhatIsWrongInALine) {
  const std::vector<LineCase> cases = {
      // ramp
      {"limits: {ramp: [5%, 25%, 100%]}", ""},
      {"limits: {ramp: 5%}", ""},
      {"limits: {ramp: [0%, 25%]}",
       "b.yaml:3:21: error: a share of ramp must be more than 0%; to stop the "
       "rule, use `enabled: false`\n"},
      {"limits: {ramp: [0.5%, 1%]}", ""},
      {"limits: {ramp: [25%, 5%]}",
       "b.yaml:3:26: error: ramp must grow from slot to slot, like [5%, 25%, "
       "100%]; 5% is not more than the one before\n"},
      {"limits: {ramp: [a]}",
       "b.yaml:3:21: error: a share of ramp must be a percentage, such as 50%, "
       "not \"a\"\n"},
      // expect
      {"expect: {users: 1000..60000}", ""},
      {"expect: {users: 1000.., share: ..5%}", ""},
      {"expect: {users: 500}",
       "b.yaml:3:21: error: users must be a range like 1000..60000, 1000.. or "
       "..60000, not \"500\"\n"},
      {"expect: {users: 5..4}",
       "b.yaml:3:21: error: the range \"5..4\" ends before it begins\n"},
      {"expect: {users: ..}",
       "b.yaml:3:21: error: users must be a range like 1000..60000, 1000.. or "
       "..60000, not \"..\"\n"},
      {"expect: {share: 1..5%}",
       "b.yaml:3:21: error: share must be a range like 1%..5%, 1%.. or ..5%, "
       "not \"1..5%\"\n"},
      {"expect: {share: 1%..500%}",
       "b.yaml:3:21: error: share must be a range like 1%..5%, 1%.. or ..5%, "
       "not \"1%..500%\"\n"},
      {"expect: {share: nan%..5%}",
       "b.yaml:3:21: error: share must be a range like 1%..5%, 1%.. or ..5%, "
       "not \"nan%..5%\"\n"},
      {"expect: {users: \" .. \"}",
       "b.yaml:3:21: error: users must be a range like 1000..60000, 1000.. or "
       "..60000, not \" .. \"\n"},
      {"expect: {}",
       "b.yaml:3:13: error: expect needs \"users\" (like 1000..60000) or "
       "\"share\" (of the known users, like 1%..5%)\n"},
      {"expect: {user: 1..5}",
       "b.yaml:3:13: error: expect needs \"users\" (like 1000..60000) or "
       "\"share\" (of the known users, like 1%..5%)\n"
       "b.yaml:3:14: error: unknown key \"user\" in expect; did you mean "
       "\"users\"?\n"},
      // approval
      {"approval: required", ""},
      {"approval: none", ""},
      {"approval: reqired",
       "b.yaml:3:15: error: unknown value of approval \"reqired\"; did you "
       "mean \"required\"?\n"},
      // notify
      {"notify: {channel: list, when: [users >= 500, blast_guard, failed, "
       "harms, missed, approval, paused]}",
       ""},
      {"notify: {channel: mail, to: ops@app.example, when: failed}", ""},
      {"notify: [{channel: list, when: failed}, {channel: list, when: "
       "users<3}]",
       ""},
      {"notify: {channel: mail, when: failed}",
       "b.yaml:3:23: error: channel \"mail\" needs an address: notify: "
       "{channel: mail, to: ...}\n"},
      {"notify: {channel: list, to: me, when: failed}",
       "b.yaml:3:33: error: channel \"list\" takes no address\n"},
      {"notify: {channel: lits, when: failed}",
       "b.yaml:3:23: error: unknown channel \"lits\"; did you mean "
       "\"list\"?\n"},
      {"notify: {channel: list}",
       "b.yaml:3:13: error: notify needs \"when\"\n"},
      {"notify: {channel: list, when: [faild]}",
       "b.yaml:3:36: error: unknown cause \"faild\"; did you mean "
       "\"failed\"?\n"},
      {"notify: {channel: list, when: [users = 5]}",
       "b.yaml:3:36: error: a comparison must be like `users >= 500`, not "
       "\"users = 5\"\n"},
  };
  for (const LineCase& c : cases) {
    SCOPED_TRACE(c.line);
    Loaded loaded = Load({kTemplates, SendingRuleWith(c.line)});
    EXPECT_EQ(Headlines(loaded.messages), c.message);
  }
}

TEST(ParseOversight, RulesTakeWhatIsGlobalUnlessTheySayElse) {
  Loaded loaded = Load(
      {kTemplates, SendingRuleWith("enabled: true"),
       "approval: required\nnotify: {channel: list, when: failed}\n"
       "rules:\n"
       "  - id: own\n"
       "    when: {lifecycle: dormant}\n"
       "    schedule: daily 10:00\n"
       "    send: {channel: push, template: hello}\n"
       "    approval: none\n"
       "    notify: {channel: mail, to: a@b.example, when: [users > 2]}\n"});
  ASSERT_TRUE(loaded.ok) << loaded.messages;
  const Rule& wake = *loaded.rules->Find("wake");
  EXPECT_TRUE(wake.approval_required);
  ASSERT_EQ(wake.notify.size(), 1u);
  EXPECT_TRUE(wake.notify[0].Asks("failed"));
  EXPECT_FALSE(wake.notify[0].Asks("harms"));
  const Rule& own = *loaded.rules->Find("own");
  EXPECT_FALSE(own.approval_required);
  ASSERT_EQ(own.notify.size(), 1u);
  EXPECT_EQ(own.notify[0].to.address, "a@b.example");
  ASSERT_EQ(own.notify[0].users.size(), 1u);
  EXPECT_EQ(own.notify[0].users[0].text, "users > 2");
  EXPECT_TRUE(own.notify[0].users[0].Holds(3));
  EXPECT_FALSE(own.notify[0].users[0].Holds(2));
}

// What a person approved: who, what and how; a segment is part of who.
TEST(ParseOversight, TheVersionFollowsTheRuleItsTemplatesAndItsSegments) {
  const auto version = [](const std::string& when, const std::string& text,
                          const std::string& segments) {
    Loaded loaded =
        Load({"templates: {hello: {push: {title: " + text + "}}}\n" +
                  "segments:\n  others: {never_active: true}\n" + segments,
              "rules:\n  - id: wake\n    when: {segment: " + when +
                  "}\n    schedule: daily 10:00\n"
                  "    send: {channel: push, template: hello}\n"});
    EXPECT_TRUE(loaded.ok) << loaded.messages;
    return loaded.rules->Find("wake")->version;
  };
  const std::string inner = "  inner: {lifecycle: dormant}\n";
  const std::string outer = "  outer: {segment: inner}\n";
  const std::string first = version("outer", "Hi", inner + outer);
  EXPECT_EQ(version("outer", "Hi", outer + inner), first);
  EXPECT_EQ(version("outer", "Hi", outer + inner + "  more: {tag: x}\n"), first)
      << "one that it does not name";
  EXPECT_NE(version("inner", "Hi", inner + outer), first);
  EXPECT_NE(version("outer", "Hello", inner + outer), first);
  EXPECT_NE(version("outer", "Hi", "  inner: {lifecycle: churned}\n" + outer),
            first);
}

}  // namespace
}  // namespace rekindle
