// Random small worlds: rules of every kind, users of every kind.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/rules/planner_world.h"

namespace rekindle::testing {

// How many random worlds a test makes: REKINDLE_WORLDS, or `otherwise`.
inline int WorldCount(int otherwise) {
  const char* asked = std::getenv("REKINDLE_WORLDS");
  return asked == nullptr ? otherwise : std::max(1, std::atoi(asked));
}

inline constexpr char kRandomTemplates[] = R"yaml(
templates:
  hello:
    push: {title: "Hi {{nickname | default: \"you\"}}"}
    mail: {subject: Hi, text: "{{rank}} {{state}}"}
    list: {name: Hi}
  other:
    push: {title: "Other"}
    mail: {subject: Other, text: Other}
    list: {name: "{{nickname}}"}
)yaml";

inline constexpr char kRandomSettings[] =
    "calendar: {holidays: [2026-03-21, 2026-03-23..2026-03-24]}\n";

inline std::string RandomRules(std::mt19937& random, int rules = 5) {
  auto pick = [&](const std::vector<std::string>& of) {
    return of[random() % of.size()];
  };
  std::string text =
      "hold_out: {share: " + pick({"0%", "20%"}) + ", salt: s}\n";
  text +=
      pick({"", "", "caps: []\n",
            "caps: [{max: 1, per: day}, {channel: push, max: 1, per: week}]\n",
            "caps: [{max: 2, within: 26 hours}, {channel: mail, max: 1, per: "
            "month}]\n"});
  text += "rules:\n";
  for (int i = 0; i < rules; ++i) {
    text += fmt::format(
        "  - id: r{}\n"
        "    when: {}\n"
        "    send: {{channel: {}, template: {}}}\n"
        "    schedule: {}\n"
        "    priority: {}\n"
        "    limits: {}\n"
        "    hold_out: {}\n"
        "    topic: {}\n"
        "    class: {}\n",
        i,
        pick({"{inactive: 14 days}", "{lifecycle: [dormant, churned]}",
              "{prefers: shop}", "{never_active: false}"}),
        pick({"push", "[push, mail]", "[mail, list]", "[push, mail, list]"}),
        pick({"hello", "other"}),
        pick({"daily 10:00", "daily 09:30", "every 2 hours"}),
        pick({"0", "1", "2"}),
        pick({"{per_episode: 1}", "{every: 2 days}", "{per_run: 7}",
              "{per_episode: 2, per_run: 4}",
              "{every: 1 hour, ramp: [30%, 100%]}"}),
        pick({"0%", "30%"}), pick({"offers", "service"}),
        pick({"marketing", "marketing", "transactional"}));
    text += pick({"", "    window: 11:00-20:00\n",
                  "    window: 22:00-06:00\n    wait: 4 hours\n",
                  "    wait: 2 days\n"});
    text += pick({"", "",
                  "    variants: [{id: a, weight: 50%}, {id: b, weight: 50%, "
                  "template: other}]\n"});
    text += pick({"", "", "    expect: {users: 3..30}\n"});
  }
  return text;
}

// What makes one random user: events and a profile row.
struct RandomUser {
  std::vector<Message> messages;
  Engine::UserRow row;
};

inline std::vector<RandomUser> RandomUsers(World& world, std::mt19937& random,
                                           int users) {
  std::vector<RandomUser> all;
  for (int i = 0; i < users; ++i) {
    const std::string user = "u" + std::to_string(i);
    RandomUser one;
    for (int n = random() % 4; n >= 0; --n) {
      const int month = 1 + random() % 3;
      const int day = 1 + random() % (month == 3 ? 15 : 28);
      Message message{.user_id = user};
      message.event = random() % 3 ? "app_open" : "order_paid";
      message.when = *world.calendar().ParseMoment(fmt::format(
          "2026-{:02}-{:02}T0{}:00:00Z", month, day, random() % 10));
      one.messages.push_back(message);
    }
    std::string profile = R"({"rank":1)";
    if (random() % 3) profile += R"(,"push_token":"p")";
    if (random() % 3) profile += R"(,"email":"e@x.example")";
    if (random() % 2) profile += R"(,"nickname":"N")";
    if (random() % 3 == 0) profile += R"(,"time_zone":"America/New_York")";
    one.row = {.user_id = user, .json_object = profile + "}"};
    if (random() % 6 == 0) one.row.consents = {{"offers", false}};
    all.push_back(std::move(one));
  }
  return all;
}

// Brings them in, so many at a time.
inline void TakeAll(World& world, const std::vector<RandomUser>& users,
                    size_t batch = 1000) {
  for (size_t i = 0; i < users.size(); i += batch) {
    std::vector<Message> messages;
    std::vector<Engine::UserRow> rows;
    for (size_t j = i; j < std::min(i + batch, users.size()); ++j) {
      messages.insert(messages.end(), users[j].messages.begin(),
                      users[j].messages.end());
      rows.push_back(users[j].row);
    }
    world.Take(messages, rows);
  }
}

inline void Populate(World& world, std::mt19937& random, int users) {
  TakeAll(world, RandomUsers(world, random, users));
}

}  // namespace rekindle::testing
