// Rules and templates as they are written: what is read, and every message
// with its place.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/rules/rule_fixture.h"

namespace rekindle {
namespace {

using testing::Headlines;
using testing::kTemplates;
using testing::LineCase;
using testing::Load;
using testing::Loaded;

TEST(ParseRules, ReadsAWholeRule) {
  Loaded loaded = Load({kTemplates, R"yaml(
hold_out: {share: 5%, salt: "2026"}
rules:
  - id: wake-car-control
    name: {zh: 唤醒, en: Wake}
    aim: wake_rate
    when:
      lifecycle: dormant
      inactive: {at_least: [1 month, 14 days]}
      prefers: car_control
    topic: offers
    send: {channel: [push, mail], template: hello}
    schedule: daily 10:00
    max_late: 2 hours
    limits: {per_episode: 2, every: 30 days, per_run: 5000}
    window: 09:00-21:00
    wait: 12 hours
    priority: 10
    hold_out: 10%
    variants: [{id: a, weight: 25%}, {id: b, weight: 75%, template: hello}]
    goal: {behavior: app_open, within: 7 days}
  - id: plain
    when: {never_active: true}
    send: {channel: list, template: hello}
    schedule: every 5 minutes
    class: transactional
    enabled: false
)yaml"});
  ASSERT_EQ(loaded.messages, "");
  ASSERT_EQ(loaded.rules->rules.size(), 2u);
  EXPECT_EQ(loaded.rules->hold_out.share, 0.05);
  EXPECT_EQ(loaded.rules->hold_out.salt, "2026");
  const Rule& rule = *loaded.rules->Find("wake-car-control");
  EXPECT_EQ(rule.name.zh, "唤醒");
  EXPECT_EQ(rule.name.en, "Wake");
  EXPECT_EQ(rule.aim, "wake_rate");
  EXPECT_TRUE(rule.enabled);
  EXPECT_TRUE(rule.marketing);
  EXPECT_NE(rule.when, nullptr);
  EXPECT_EQ(rule.topic, "offers");
  EXPECT_EQ(rule.channels, (std::vector<std::string>{"push", "mail"}));
  EXPECT_EQ(rule.template_id, "hello");
  EXPECT_EQ(rule.schedule_text, "daily 10:00");
  EXPECT_EQ(rule.max_late, (Duration{2, DurationUnit::kHour}));
  EXPECT_EQ(rule.limits.per_episode, 2);
  EXPECT_EQ(rule.limits.every, (Duration{30, DurationUnit::kDay}));
  EXPECT_EQ(rule.limits.per_run, 5000);
  ASSERT_TRUE(rule.window);
  EXPECT_EQ(rule.window->from, std::chrono::hours(9));
  EXPECT_EQ(rule.window->to, std::chrono::hours(21));
  EXPECT_EQ(rule.wait, (Duration{12, DurationUnit::kHour}));
  EXPECT_EQ(rule.priority, 10);
  EXPECT_EQ(rule.hold_out, 0.1);
  ASSERT_EQ(rule.variants.size(), 2u);
  EXPECT_EQ(rule.variants[0].id, "a");
  EXPECT_EQ(rule.variants[0].weight, 0.25);
  EXPECT_EQ(rule.variants[1].template_id, "hello");
  ASSERT_TRUE(rule.goal);
  EXPECT_EQ(rule.goal->behavior, BehaviorSet::kActivity);
  EXPECT_EQ(rule.goal->behavior_name, "app_open");
  EXPECT_EQ(rule.goal->within, (Duration{7, DurationUnit::kDay}));

  const Rule& plain = *loaded.rules->Find("plain");
  EXPECT_EQ(plain.name.zh, "plain");
  EXPECT_FALSE(plain.enabled);
  EXPECT_FALSE(plain.marketing);
  EXPECT_EQ(plain.max_late, (Duration{6, DurationUnit::kHour}));
  EXPECT_EQ(plain.limits.per_episode, 1);
  EXPECT_FALSE(plain.limits.every);
  EXPECT_FALSE(plain.limits.per_run);
  EXPECT_FALSE(plain.window);
  EXPECT_EQ(loaded.rules->Find("gone"), nullptr);

  const MessageTemplate& hello = loaded.rules->templates.at("hello");
  EXPECT_EQ(hello.Variables(), (std::vector<std::string>{"phone", "nickname"}));
}

// A rule on line 2, one key a line; `{}` is where the tested line goes.
std::string RuleWith(const std::string& line) {
  return "rules:\n"
         "  - id: wake\n"
         "    when: {lifecycle: dormant}\n"
         "    schedule: daily 10:00\n"
         "    " +
         line + "\n";
}

const char kSend[] = "    send: {channel: push, template: hello}\n";

TEST(ParseRules, SaysWhatIsWrongInALine) {
  const std::vector<LineCase> cases = {
      {"prioritiy: 3",
       "b.yaml:5:5: error: unknown key \"prioritiy\" in a rule; did you mean "
       "\"priority\"?\n"},
      {"steps: []", "b.yaml:5:5: error: unknown key \"steps\" in a rule\n"},
      {"aim: wake_rat",
       "b.yaml:5:10: error: unknown aim \"wake_rat\"; did you mean "
       "\"wake_rate\"?\n"},
      {"class: marketting",
       "b.yaml:5:12: error: unknown class \"marketting\"; did you mean "
       "\"marketing\"?\n"},
      {"enabled: yes",
       "b.yaml:5:14: error: enabled must be true or false, not \"yes\"; write "
       "true\n"},
      {"topic: offer",
       "b.yaml:5:12: error: unknown topic \"offer\"; did you mean "
       "\"offers\"?\n"},
      {"max_late: 6 hour", ""},
      {"max_late: 6 huors",
       "b.yaml:5:15: error: max_late: \"6 huors\" is not a duration; did you "
       "mean \"6 hours\"?\n"},
      {"priority: high",
       "b.yaml:5:15: error: priority must be a number, not \"high\"\n"},
      {"priority: -2.5", ""},
      // limits
      {"limits: {per_episode: 0}",
       "b.yaml:5:27: error: per_episode must be at least 1, not 0; to stop "
       "the rule, use `enabled: false`\n"},
      {"limits: {every: 0 days}",
       "b.yaml:5:21: error: every must be at least 1, not 0 days; to stop the "
       "rule, use `enabled: false`\n"},
      {"limits: {per_run: 0}",
       "b.yaml:5:23: error: per_run must be at least 1, not 0; to stop the "
       "rule, use `enabled: false`\n"},
      {"limits: {per_run: -1}",
       "b.yaml:5:23: error: per_run must be from 1 to 2147483647, not -1\n"},
      {"limits: {per_day: 1}",
       "b.yaml:5:14: error: unknown key \"per_day\" in limits; expected "
       "per_episode, every, per_run or ramp\n"},
      {"limits: {every: 30 dyas}",
       "b.yaml:5:21: error: every: \"30 dyas\" is not a duration; did you "
       "mean \"30 days\"?\n"},
      // window
      {"window: 21:00-09:00", ""},
      {"window: {from: 09:00, to: 24:00, wait: 3 days}", ""},
      {"window: 9-21",
       "b.yaml:5:13: error: window must be like 09:00-21:00, not \"9-21\"\n"},
      {"window: 09:00-25:00",
       "b.yaml:5:13: error: window must be like 09:00-21:00, not "
       "\"09:00-25:00\"\n"},
      {"window: 09:00-09:00",
       "b.yaml:5:13: error: the window is empty; a whole day is "
       "00:00-24:00\n"},
      {"window: {from: 9am, to: 21:00}",
       "b.yaml:5:20: error: from must be HH:MM, 00:00 to 24:00, not "
       "\"9am\"\n"},
      {"window: {from: 09:00}", "b.yaml:5:13: error: window needs \"to\"\n"},
      {"wait: 3 hours",
       "b.yaml:5:11: error: wait says how long a touch waits for its window, "
       "or for holidays to be over; it needs \"window\", or holidays in "
       "`calendar`\n"},
      // experiment
      {"hold_out: 0%", ""},
      {"hold_out: 100%",
       "b.yaml:5:15: error: a hold_out of 100% would reach nobody; it must be "
       "under 100%\n"},
      {"hold_out: 0.1",
       "b.yaml:5:15: error: hold_out must be a percentage, such as 50%, not "
       "\"0.1\"\n"},
      {"variants: [{id: a, weight: 33.3%}, {id: b, weight: 33.3%}, {id: c, "
       "weight: 33.4%}]",
       ""},
      {"variants: [{id: a, weight: 50%}, {id: b, weight: 40%}]",
       "b.yaml:5:15: error: the weights of the variants add up to 90%, not "
       "100%\n"},
      {"variants: [{id: a, weight: 50%}, {id: a, weight: 50%}]",
       "b.yaml:5:38: error: variant \"a\" stands twice\n"},
      {"variants: [{id: a, weight: 50%}, {id: \"\", weight: 50%}]",
       "b.yaml:5:43: error: the id of a variant must not be empty\n"},
      {"variants: [{id: a}]",
       "b.yaml:5:16: error: a variant needs \"weight\"\n"},
      {"variants: [{id: a, weight: 100%, template: helo}]",
       "b.yaml:5:48: error: unknown template \"helo\"; did you mean "
       "\"hello\"?\n"},
      {"variants: a",
       "b.yaml:5:15: error: variants must be a list, like [{id: a, weight: "
       "50%}, {id: b, weight: 50%, template: other}]\n"},
      // goal
      {"goal: {behavior: app_opn, within: 7 days}",
       "b.yaml:5:22: error: unknown behavior \"app_opn\"; did you mean "
       "\"app_open\"?\n"},
      {"goal: {behavior: app_open}",
       "b.yaml:5:11: error: goal needs \"within\"\n"},
      {"goal: {behavior: app_open, within: 7 days, value: amount}",
       "b.yaml:5:48: error: unknown key \"value\" in goal; expected behavior "
       "or within\n"},
      // a class that is exempt
      {"class: transactional", ""},
  };
  for (const LineCase& c : cases) {
    SCOPED_TRACE(c.line);
    Loaded loaded = Load({kTemplates, RuleWith(c.line) + kSend});
    EXPECT_EQ(Headlines(loaded.messages), c.message);
  }
}

TEST(ParseRules, SaysWhatIsWrongInSend) {
  const std::vector<LineCase> cases = {
      {"send: {channel: [push, mail], template: hello}", ""},
      {"send: {channel: psuh, template: hello}",
       "b.yaml:5:21: error: unknown channel \"psuh\"; did you mean "
       "\"push\"?\n"},
      {"send: {channel: [push, push], template: hello}",
       "b.yaml:5:28: error: channel \"push\" stands twice\n"},
      {"send: {channel: push, template: helo}",
       "b.yaml:5:37: error: unknown template \"helo\"; did you mean "
       "\"hello\"?\n"},
      {"send: {channel: [push, mail], template: other}",
       "b.yaml:5:45: error: template \"other\" (a.yaml:7:3) has no part for "
       "channel \"mail\"\n"},
      {"send: {channel: push}",
       "b.yaml:5:11: error: send needs \"template\"\n"},
      {"send: {chanel: push, template: hello}",
       "b.yaml:5:11: error: send needs \"channel\"\n"
       "b.yaml:5:12: error: unknown key \"chanel\" in send; did you mean "
       "\"channel\"?\n"},
      {"send: push", "b.yaml:5:11: error: send must be a map, not a text\n"},
  };
  for (const LineCase& c : cases) {
    SCOPED_TRACE(c.line);
    Loaded loaded = Load({kTemplates, RuleWith(c.line)});
    EXPECT_EQ(Headlines(loaded.messages), c.message);
  }
}

TEST(ParseRules, ShowsTheLineAndAllErrorsOfAllFiles) {
  Loaded loaded = Load({kTemplates, R"yaml(rules:
  - id: wake
    when: {prefers: car_contrl}
    send: {channel: push, template: hello}
    schedule: dialy 10:00
  - id: wake me
    when: {segment: driver}
    send: {channel: push, template: hello}
    schedule: {on: cart_add}
)yaml",
                        R"yaml(rules:
  - name: nobody
)yaml"});
  EXPECT_EQ(
      loaded.messages,
      "b.yaml:3:21: error: unknown label \"car_contrl\"; did you mean "
      "\"car_control\"?\n"
      "    when: {prefers: car_contrl}\n"
      "                    ^\n"
      "b.yaml:5:15: error: schedule must be \"daily 10:00\", \"weekly mon,thu "
      "10:00\", \"monthly 1 10:00\", \"monthly last 10:00\", 'cron \"0 10 * * "
      "1\"' or \"every 5 minutes\", not \"dialy 10:00\"; did you mean "
      "\"daily\"?\n"
      "    schedule: dialy 10:00\n"
      "              ^\n"
      "b.yaml:6:9: error: the id of a rule is made of letters, digits, _ and "
      "-, not \"wake me\"\n"
      "  - id: wake me\n"
      "        ^\n"
      "b.yaml:7:21: error: unknown segment \"driver\"; did you mean "
      "\"drivers\"?\n"
      "    when: {segment: driver}\n"
      "                    ^\n"
      "b.yaml:9:15: error: schedule must be a text, not a map\n"
      "    schedule: {on: cart_add}\n"
      "              ^\n"
      "c.yaml:2:5: error: a rule needs \"id\"\n"
      "  - name: nobody\n"
      "    ^\n"
      "c.yaml:2:5: error: a rule needs \"when\"\n"
      "  - name: nobody\n"
      "    ^\n"
      "c.yaml:2:5: error: a rule needs \"send\"\n"
      "  - name: nobody\n"
      "    ^\n"
      "c.yaml:2:5: error: a rule needs \"schedule\"\n"
      "  - name: nobody\n"
      "    ^\n");
  EXPECT_FALSE(loaded.ok);
}

TEST(ParseRules, NamesBothPlacesOfWhatIsDefinedTwice) {
  std::string rule = RuleWith("send: {channel: push, template: hello}");
  Loaded loaded = Load({kTemplates, rule, "\n" + rule,
                        "templates:\n  hello:\n    push: {title: x}\n"
                        "hold_out: {share: 1%}\n",
                        "hold_out: {share: 2%}\n"});
  EXPECT_EQ(Headlines(loaded.messages),
            "c.yaml:3:5: error: rule \"wake\" is defined twice; first at "
            "b.yaml:2:5\n"
            "d.yaml:2:3: error: template \"hello\" is defined twice; first at "
            "a.yaml:3:3\n"
            "e.yaml:1:11: error: \"hold_out\" is set twice; first at "
            "d.yaml:4:11\n");
}

TEST(ParseRules, SaysThatNoTopicsAreConfigured) {
  Loaded loaded = Load({"templates: {hello: {push: {title: x}}}",
                        RuleWith("topic: offers") + kSend},
                       "time_zone: UTC\n");
  EXPECT_EQ(Headlines(loaded.messages),
            "b.yaml:5:12: error: unknown topic \"offers\"; no topics are "
            "configured: add them as `consent: {topics: [...]}`\n");
}

TEST(ParseRules, SaysWhatIsWrongInATemplate) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"templates:\n  t: {psh: {title: x}}\n",
       "a.yaml:2:7: error: unknown channel \"psh\"; did you mean \"push\"?\n"},
      {"templates:\n  t: {push: {titel: x}}\n",
       "a.yaml:2:13: error: template \"t\" needs \"title\" for webhook channel "
       "\"push\"\n"
       "a.yaml:2:14: error: unknown part \"titel\" of webhook channel "
       "\"push\"; did you mean \"title\"?\n"},
      {"templates:\n  t: {push: {body: x}}\n",
       "a.yaml:2:13: error: template \"t\" needs \"title\" for webhook channel "
       "\"push\"\n"},
      {"templates:\n  t: {push: x}\n",
       "a.yaml:2:13: error: the parts of template \"t\" for channel \"push\" "
       "must be a map, not a text\n"},
      {"templates:\n  t: {}\n",
       "a.yaml:2:6: error: template \"t\" must be a map of channels and their "
       "parts, not empty\n"},
      {"templates: [t]\n",
       "a.yaml:1:12: error: templates must be a map, not a list\n"},
      {"templates:\n  t: {push: {title: {zh: x}}}\n",
       "a.yaml:2:21: error: title needs \"en\"\n"},
      {"templates:\n  t: {push: {title: {zh: x, en: y, fr: z}}}\n",
       "a.yaml:2:36: error: unknown key \"fr\" in title; expected zh or en\n"},
      {"templates:\n  t: {push: {title: \"Hi {{nickname\"}}\n",
       "a.yaml:2:25: error: \"{{\" is never closed\n"},
      {"templates:\n  t: {push: {title: \"{{count.trip.30_days}}\"}}\n", ""},
      {"templates:\n  t: {push: {title: \"{{count.trip}} "
       "{{last.order.item.name}}\"}}\n",
       ""},
      {"templates:\n  t: {push: {title: \"你好 {{count.tripp.30_days}}\"}}\n",
       "a.yaml:2:27: error: unknown behavior \"tripp\" in the variable "
       "\"count.tripp.30_days\"; did you mean \"trip\"?\n"},
      {"templates:\n  t: {push: {title: \"{{last.trip}}\"}}\n",
       "a.yaml:2:24: error: the variable \"last.trip\" must be like "
       "last.<behavior>.<property>\n"},
      {"templates:\n  t: {push: {title: \"{{count.trip.30_hours}}\"}}\n",
       "a.yaml:2:24: error: the time in the variable \"count.trip.30_hours\" "
       "must be like 30_days, 4_weeks or 3_months, not \"30_hours\"\n"},
      {"templates:\n  t: {push: {title: \"{{lst.order.item}}\"}}\n",
       "a.yaml:2:24: error: unknown variable \"lst.order.item\": a name with a "
       "dot is last.<behavior>.<property> or count.<behavior>.<N_days>; did "
       "you mean \"last\"?\n"},
      {"templates:\n"
       "  t:\n"
       "    push:\n"
       "      title: |\n"
       "        First line\n"
       "        second {{count.nope}} line\n",
       "a.yaml:6:18: error: unknown behavior \"nope\" in the variable "
       "\"count.nope\"; expected app_open, trip or order\n"},
  };
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(Headlines(Load({text}).messages), message);
  }
}

TEST(ParseRules, WarnsOfAValueThatIsAWholeAddress) {
  const auto messages = [](const std::string& url) {
    return Headlines(
        Load({"templates:\n  t: {push: {title: x, url: " + url + "}}\n"})
            .messages);
  };
  const std::string warning =
      " warning: values are percent-encoded in a url, so that one cannot be a "
      "whole address; write what it begins with, like "
      "https://app.example/{{page}}\n";
  EXPECT_EQ(messages("\"{{link}}\""), "a.yaml:2:30:" + warning);
  EXPECT_EQ(messages("{zh: \"app://{{page}}\", en: \" {{link}}\"}"),
            "a.yaml:2:58:" + warning);
  for (const char* fine : {"app://report", "\"https://x.example/{{page}}\"",
                           "\"{{{{x}}\"", "\"\""}) {
    EXPECT_EQ(messages(fine), "") << fine;
  }
}

TEST(ParseRules, WarnsOfMonthsWithoutAFloorInDays) {
  auto load = [](const std::string& inactive) {
    return Load(
        {kTemplates, "rules:\n  - id: wake\n    when: {inactive: " + inactive +
                         "}\n    schedule: daily 10:00\n" + kSend});
  };
  Loaded warned = load("1 month");
  EXPECT_TRUE(warned.ok);
  EXPECT_EQ(warned.messages.substr(0, 21), "b.yaml:3:22: warning:");
  EXPECT_EQ(load("{at_least: [1 month, 14 days]}").messages, "");
}

TEST(ParseRules, WarnsOfKeysThatATransactionalRuleIsExemptFrom) {
  Loaded loaded = Load({kTemplates, RuleWith("class: transactional") + kSend +
                                        "    window: 09:00-21:00\n"
                                        "    hold_out: 10%\n"});
  EXPECT_EQ(Headlines(loaded.messages),
            "b.yaml:7:5: warning: window has no effect on a transactional "
            "rule\n"
            "b.yaml:8:5: warning: hold_out has no effect on a transactional "
            "rule\n");
  EXPECT_TRUE(loaded.ok);
}

TEST(ParseRules, LimitsOfTheRunAloneLeaveOneTouchAnEpisode) {
  auto limits = [](const char* line) {
    Loaded loaded = Load({kTemplates, RuleWith(line) + kSend});
    EXPECT_EQ(loaded.messages, "");
    return loaded.rules->rules.at(0).limits;
  };
  EXPECT_EQ(limits("limits: {per_run: 10}").per_episode, 1);
  EXPECT_EQ(limits("limits: {every: 30 days}").per_episode, std::nullopt);
}

TEST(ParseRules, VersionsFollowTheTextsOfRuleAndTemplates) {
  auto version = [](const std::string& templates, const std::string& rule) {
    Loaded loaded = Load({templates, rule});
    EXPECT_EQ(loaded.messages, "");
    return loaded.rules->rules.at(0).version;
  };
  const std::string rule = RuleWith("priority: 1") + kSend;
  const std::string first = version(kTemplates, rule);
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(version(kTemplates, "# a comment\n" + rule), first);
  EXPECT_EQ(version(kTemplates, RuleWith("priority:   1") + kSend), first);
  EXPECT_NE(version(kTemplates, RuleWith("priority: 2") + kSend), first);
  std::string edited = kTemplates;
  edited.replace(edited.find("Hi "), 3, "Ho ");
  EXPECT_NE(version(edited, rule), first);
  // A template the rule does not name is none of its business.
  edited = kTemplates;
  edited.replace(edited.find("Other"), 5, "Else ");
  EXPECT_EQ(version(edited, rule), first);
}

}  // namespace
}  // namespace rekindle
