#include <gtest/gtest.h>

#include <set>

#include "engine/conditions/condition.h"
#include "engine/settings/settings_parser.h"
#include "tests/support/yaml_text.h"

namespace rekindle {
namespace {

using testing::MessagesOf;
using testing::YamlOf;
using namespace std::chrono;

// Parses a main file and included ones (a.yaml, b.yaml, ...), reports what is
// left unknown in each.
EngineSettings Parsed(const std::string& main,
                      const std::vector<std::string>& included,
                      yaml::Diagnostics* d) {
  yaml::Section section(YamlOf(main, "main.yaml"), *d, "the configuration");
  std::vector<yaml::Section> others;
  for (const std::string& text : included) {
    const std::string name(1, static_cast<char>('a' + others.size()));
    others.emplace_back(YamlOf(text, name + ".yaml"), *d, "the configuration");
  }
  EngineSettings settings = ParseEngineSettings(section, others, *d);
  section.Finish();
  for (yaml::Section& other : others) other.Finish();
  return settings;
}

EngineSettings Good(const std::string& main,
                    const std::vector<std::string>& included = {}) {
  yaml::Diagnostics d;
  EngineSettings settings = Parsed(main, included, &d);
  EXPECT_EQ(MessagesOf(d), "");
  return settings;
}

std::string Messages(const std::string& main,
                     const std::vector<std::string>& included = {}) {
  yaml::Diagnostics d;
  Parsed(main, included, &d);
  return MessagesOf(d);
}

constexpr char kWhole[] = R"(
time_zone: Asia/Shanghai
activity: app_open
behaviors:
  trip:        {event: trip_completed}
  app_open:    {event: app_open}
  car_control: {event: [remote_unlock, remote_climate]}
lifecycle:
  period: week
  churned_after: 3
  substates:
    churned:
      driving: {did: {behavior: trip, within: 2 months}}
      local: {segment: city}
    dormant: {fans: {prefers: car_control}}
preferences:
  window: 2 months
  threshold: 40%
  min_active_days: 3
  anchor: last_active
  labels:
    car_control: {behavior: car_control, name: {zh: 控车偏好, en: Remote control}}
    trip: trip
segments:
  churned_locals: {segment: city, lifecycle: churned/driving}
  city: {profile: {city: [上海, 杭州]}}
targets: {active_rate: 85%}
consent: {topics: [offers, service], default: refused}
calendar: {holidays: [2026-10-01..2026-10-07, 2026-05-01], notes: {2026-02-17: 春节, 2026-03-01: {zh: 开学, en: School}}}
retention: {raw_events: 90 days, max_size: 20 GB}
)";

TEST(EngineSettingsTest, ReadsAWholeConfiguration) {
  const EngineSettings s = Good(kWhole);
  EXPECT_EQ(s.calendar.zone_name(), "Asia/Shanghai");
  EXPECT_EQ(s.behaviors.at(0).name, "app_open");
  EXPECT_EQ(s.lifecycle.period, PeriodUnit::kWeek);
  EXPECT_EQ(s.lifecycle.churned_after, 3);
  const auto& churned = s.lifecycle.substates.at(State::kChurned);
  ASSERT_EQ(churned.size(), 2u);
  EXPECT_EQ(churned[0].name, "driving");
  EXPECT_EQ(churned[1].name, "local");
  EXPECT_NE(churned[0].condition, nullptr);
  EXPECT_EQ(s.lifecycle.substates.at(State::kDormant)[0].name, "fans");

  EXPECT_EQ(s.preferences.window, (Duration{2, DurationUnit::kMonth}));
  EXPECT_DOUBLE_EQ(s.preferences.threshold, 0.4);
  EXPECT_EQ(s.preferences.min_active_days, 3);
  EXPECT_TRUE(s.preferences.anchor_last_active);
  ASSERT_EQ(s.preferences.labels.size(), 2u);
  EXPECT_EQ(s.preferences.labels[0].title.zh, "控车偏好");
  EXPECT_EQ(s.preferences.labels[1].title.en, "trip");
  EXPECT_EQ(s.preferences.labels[1].behavior, *s.behaviors.Find("trip"));
  EXPECT_EQ(s.preferences.Find("trip"), 1u);
  EXPECT_EQ(s.preferences.Find("shop"), std::nullopt);

  ASSERT_EQ(s.segments.size(), 2u);
  EXPECT_EQ(s.segments[1].name, "city");
  ConditionUses uses;
  s.segments[0].condition->Collect(&uses);
  EXPECT_EQ(uses.segments, std::set<size_t>{1});
  EXPECT_TRUE(uses.lifecycle);
  EXPECT_TRUE(uses.substates);

  EXPECT_EQ(s.target_active_rate, 0.85);
  EXPECT_EQ(s.consent.topics, (std::vector<std::string>{"offers", "service"}));
  EXPECT_FALSE(s.consent.granted_by_default);
  EXPECT_EQ(s.retain_raw_events, (Duration{90, DurationUnit::kDay}));
  EXPECT_EQ(s.retain_bytes, 20'000'000'000);

  ASSERT_EQ(s.notes.holidays.size(), 2u);
  const auto day = [](int m, int d) { return local_days(year(2026) / m / d); };
  EXPECT_EQ(s.notes.holidays[0], (DayRange{day(5, 1), day(5, 1)}));
  EXPECT_FALSE(s.notes.IsHoliday(day(9, 30)));
  EXPECT_TRUE(s.notes.IsHoliday(day(10, 1)));
  EXPECT_TRUE(s.notes.IsHoliday(day(10, 7)));
  EXPECT_FALSE(s.notes.IsHoliday(day(10, 8)));
  EXPECT_EQ(s.notes.notes.at(day(2, 17)).In("en"), "春节");
  EXPECT_EQ(s.notes.notes.at(day(3, 1)).In("en"), "School");
}

TEST(EngineSettingsTest, EmptyMeansDefaults) {
  const EngineSettings s = Good("{}");
  EXPECT_EQ(s.calendar.zone_name(), Calendar::Utc().zone_name());
  EXPECT_EQ(s.behaviors.size(), 1u);
  EXPECT_EQ(s.lifecycle.period, PeriodUnit::kMonth);
  EXPECT_EQ(s.lifecycle.churned_after, 2);
  EXPECT_EQ(s.preferences.window, (Duration{3, DurationUnit::kMonth}));
  EXPECT_EQ(s.preferences.threshold, 0.5);
  EXPECT_EQ(s.preferences.min_active_days, 1);
  EXPECT_FALSE(s.preferences.anchor_last_active);
  EXPECT_TRUE(s.consent.granted_by_default);
  EXPECT_EQ(s.retain_raw_events, std::nullopt);
  EXPECT_EQ(s.retain_bytes, std::nullopt);
  EXPECT_EQ(s.target_active_rate, std::nullopt);
}

TEST(EngineSettingsTest, SeveralFilesBringDefinitions) {
  const EngineSettings s = Good(
      "behaviors: {a: {event: a}}\n"
      "preferences: {threshold: 60%, labels: {a: a}}\n",
      {"behaviors: {b: {event: b}}\n"
       "preferences: {labels: {b: b}}\n"
       "segments: {sb: {segment: sa}}\n",
       "segments: {sa: {prefers: [a, b]}}\n"
       "calendar: {holidays: 2026-01-01}\n"
       "lifecycle: {churned_after: 1}\n"});
  EXPECT_EQ(s.behaviors.names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(s.preferences.threshold, 0.6);
  EXPECT_EQ(s.preferences.Find("b"), 1u);
  ASSERT_EQ(s.segments.size(), 2u);
  EXPECT_EQ(s.segments[1].name, "sa");
  EXPECT_EQ(s.lifecycle.churned_after, 1);
  EXPECT_EQ(s.notes.holidays.size(), 1u);
}

TEST(EngineSettingsTest, VocabularyListsNames) {
  const EngineSettings s = Good(kWhole);
  const Vocabulary v = VocabularyOf(s);
  using Names = std::vector<std::string>;
  EXPECT_EQ(v.behaviors, &s.behaviors);
  EXPECT_EQ(v.labels, (Names{"car_control", "trip"}));
  EXPECT_EQ(v.segments, (Names{"churned_locals", "city"}));
  EXPECT_EQ(v.substates,
            (Names{"dormant/fans", "dormant/other", "churned/driving",
                   "churned/local", "churned/other"}));
  EXPECT_EQ(v.period, PeriodUnit::kWeek);
  EXPECT_EQ(v.calendar.zone_name(), "Asia/Shanghai");
}

struct Row {
  const char* main;
  const char* messages;
};

TEST(EngineSettingsTest, Refuses) {
  const Row rows[] = {
      {"behavior: {}",
       "main.yaml:1:1: unknown key \"behavior\" in the configuration; did you "
       "mean \"behaviors\"?"},
      {"time_zone: Asia/Shanghi",
       "main.yaml:1:12: unknown time zone \"Asia/Shanghi\"; did you mean "
       "\"Asia/Shanghai\"?"},
      {"lifecycle: {period: moon}",
       "main.yaml:1:21: unknown period \"moon\"; expected month, week or day"},
      {"lifecycle: {churned_after: 0}",
       "main.yaml:1:28: churned_after must be between 1 and 1200, not 0"},
      {"lifecycle: {churned_after: two}",
       "main.yaml:1:28: churned_after must be a whole number, not \"two\""},
      {"lifecycle: {churn_after: 2}",
       "main.yaml:1:13: unknown key \"churn_after\" in lifecycle; did you mean "
       "\"churned_after\"?"},
      {"lifecycle: {substates: {churnd: {a: {tag: x}}}}",
       "main.yaml:1:25: unknown state \"churnd\"; did you mean \"churned\"?"},
      {"lifecycle: {substates: {churned: {other: {tag: x}}}}",
       "main.yaml:1:35: the substate \"other\" is what the named ones leave "
       "over; choose another name"},
      {"lifecycle: {substates: {churned: {a b: {tag: x}}}}",
       "main.yaml:1:35: the name of a substate is made of letters, digits, _ "
       "and -, not \"a b\""},
      {"lifecycle: {substates: {churned: [a]}}",
       "main.yaml:1:34: substates of churned must be a map, not a list"},
      {"lifecycle: {substates: {churned: {a: {lifecycle: churned}}}}",
       "main.yaml:1:38: substate \"a\" of churned asks for \"lifecycle\": a "
       "substate is a part of a state, so it cannot depend on one"},
      {"lifecycle: {substates: {churned: {a: {not: {lifecycle: "
       "churned/a}}}}}",
       "main.yaml:1:38: substate \"a\" of churned asks for \"lifecycle\": a "
       "substate is a part of a state, so it cannot depend on one"},
      {"lifecycle: {substates: {churned: {a: {segment: s}}}}\n"
       "segments: {s: {all: [{segment: t}]}, t: {lifecycle: new}}",
       "main.yaml:1:38: substate \"a\" of churned asks for \"lifecycle\" "
       "through segment s -> t: a substate is a part of a state, so it cannot "
       "depend on one"},
      {"preferences: {window: 6 hours}",
       "main.yaml:1:23: window counts days, weeks, months or periods, not \"6 "
       "hours\""},
      {"preferences: {window: 3 moths}",
       "main.yaml:1:23: window: \"3 moths\" is not a duration; did you mean "
       "\"3 "
       "months\"?"},
      {"preferences: {threshold: 0.5}",
       "main.yaml:1:26: threshold must be a percentage, such as 50%, not "
       "\"0.5\""},
      {"preferences: {threshold: 0%}",
       "main.yaml:1:26: threshold must be above 0%: else everyone has every "
       "label"},
      {"preferences: {min_active_days: 0}",
       "main.yaml:1:32: min_active_days must be between 1 and 1000, not 0"},
      {"preferences: {anchor: never}",
       "main.yaml:1:23: unknown anchor \"never\"; expected as_of or "
       "last_active"},
      {"preferences: {anchor: last}",
       "main.yaml:1:23: unknown anchor \"last\"; did you mean "
       "\"last_active\"?"},
      {"behaviors: {trip: {event: t}}\npreferences: {labels: {a: tripp}}",
       "main.yaml:2:27: unknown behavior \"tripp\"; did you mean \"trip\"?"},
      {"preferences: {labels: {a: {name: A}}}",
       "main.yaml:1:27: label \"a\" needs \"behavior\""},
      {"preferences: {labels: [a]}",
       "main.yaml:1:23: labels must be a map, not a list"},
      // The segment that is wrong is known all the same: one error, not two.
      {"segments: {a: {inactiv: 1 day}, b: {segment: a}}",
       "main.yaml:1:16: unknown condition \"inactiv\"; did you mean "
       "\"inactive\"?"},
      {"segments: {a: {}}",
       "main.yaml:1:15: segment \"a\" needs at least one condition"},
      {"segments: {a: {segment: c}, b: {tag: x}, c: {any: [{tag: y}, {segment: "
       "[b, a]}]}}",
       "main.yaml:1:12: segment cycle: a -> c -> a"},
      {"segments: {a: {segment: b}, b: {segment: c}, c: {segment: b}, d: "
       "{segment: d}}",
       "main.yaml:1:29: segment cycle: b -> c -> b\n"
       "main.yaml:1:63: segment cycle: d -> d"},
      {"targets: {active_rate: 85}",
       "main.yaml:1:24: active_rate must be a percentage, such as 50%, not "
       "\"85\""},
      {"targets: {wake_rate: 85%}",
       "main.yaml:1:11: unknown key \"wake_rate\" in targets; expected "
       "active_rate"},
      {"consent: {topics: [offers, offers]}",
       "main.yaml:1:28: topic \"offers\" is defined twice; first at "
       "main.yaml:1:20"},
      {"consent: {default: grant}",
       "main.yaml:1:20: unknown default \"grant\"; expected granted or "
       "refused"},
      {"retention: {raw_events: 90 hours}",
       "main.yaml:1:25: raw_events are kept for days, weeks or months, not "
       "\"90 "
       "hours\""},
      {"retention: {max_size: 20 GiB}",
       "main.yaml:1:23: max_size: \"20 GiB\" is not a size; write 500 MB or "
       "20 GB"},
      {"retention: {max_size: 0 GB}",
       "main.yaml:1:23: max_size must be more than nothing"},
      {"calendar: {holidays: [2026-10-01..2026-09-07, 1.10.2026]}",
       "main.yaml:1:23: holiday \"2026-10-01..2026-09-07\" ends before it "
       "begins\n"
       "main.yaml:1:47: a holiday must be a day or a range of days, like "
       "2026-10-01..2026-10-07, not \"1.10.2026\""},
      {"calendar: {notes: {2026-02-30: x}}",
       "main.yaml:1:20: a note stands under a day like 2026-02-17, not "
       "\"2026-02-30\""},
      {"calendar: {notes: {2026-02-17: [x]}}",
       "main.yaml:1:32: note must be a text or {zh: .., en: ..}, not a list"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Messages(row.main), row.messages) << row.main;
  }
}

struct TwiceRow {
  const char* a;
  const char* b;
  const char* messages;
};

TEST(EngineSettingsTest, DefinedTwiceNamesBothPlaces) {
  const TwiceRow rows[] = {
      {"behaviors: {x: {event: x}}", "behaviors: {x: {event: y}}",
       "b.yaml:1:13: behavior \"x\" is defined twice; first at a.yaml:1:13"},
      {"segments: {x: {tag: x}}", "segments: {x: {tag: y}}",
       "b.yaml:1:12: segment \"x\" is defined twice; first at a.yaml:1:12"},
      {"behaviors: {x: {event: x}}\npreferences: {labels: {l: x}}",
       "preferences: {labels: {l: x}}",
       "b.yaml:1:24: label \"l\" is defined twice; first at a.yaml:2:24"},
      {"preferences: {window: 2 months}", "preferences: {window: 2 months}",
       "b.yaml:1:23: \"window\" is set twice; first at a.yaml:1:23"},
      {"lifecycle: {period: day}", "lifecycle: {period: day}",
       "b.yaml:1:12: \"lifecycle\" is set twice; first at a.yaml:1:12"},
      {"calendar: {notes: {2026-01-01: x}}",
       "calendar: {notes: {2026-01-01: y}}",
       "b.yaml:1:20: 2026-01-01 has two notes; first at a.yaml:1:20"},
      {"time_zone: UTC", "{}",
       "a.yaml:1:12: \"time_zone\" belongs in the main file"},
  };
  for (const TwiceRow& row : rows) {
    EXPECT_EQ(Messages("{}", {row.a, row.b}), row.messages) << row.a;
  }
}

}  // namespace
}  // namespace rekindle
