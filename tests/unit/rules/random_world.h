// Random small worlds: rules of every kind, users of every kind.
#pragma once

#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/rules/planner_world.h"

namespace rekindle::testing {

inline std::string RandomRules(std::mt19937& random) {
  auto pick = [&](const std::vector<std::string>& of) {
    return of[random() % of.size()];
  };
  std::string text =
      "hold_out: {share: " + pick({"0%", "20%"}) + ", salt: s}\nrules:\n";
  for (int i = 0; i < 5; ++i) {
    text += fmt::format(
        "  - id: r{}\n"
        "    when: {}\n"
        "    send: {{channel: {}, template: hello}}\n"
        "    schedule: {}\n"
        "    priority: {}\n"
        "    limits: {}\n"
        "    hold_out: {}\n"
        "    topic: {}\n"
        "    class: {}\n",
        i,
        pick({"{inactive: 14 days}", "{lifecycle: [dormant, churned]}",
              "{prefers: shop}", "{never_active: false}"}),
        pick({"push", "[push, mail]", "[mail, list]"}),
        pick({"daily 10:00", "daily 09:30", "every 2 hours"}),
        pick({"0", "1", "2"}),
        pick({"{per_episode: 1}", "{every: 2 days}", "{per_run: 7}",
              "{per_episode: 2, per_run: 4}"}),
        pick({"0%", "30%"}), pick({"offers", "service"}),
        pick({"marketing", "marketing", "transactional"}));
    text += pick({"", "    window: 11:00-20:00\n",
                  "    window: 22:00-06:00\n    wait: 4 hours\n"});
  }
  return text;
}

inline void Populate(World& world, std::mt19937& random, int users) {
  std::vector<Message> messages;
  std::vector<Engine::UserRow> rows;
  for (int i = 0; i < users; ++i) {
    const std::string user = "u" + std::to_string(i);
    for (int n = random() % 4; n >= 0; --n) {
      const int month = 1 + random() % 3;
      const int day = 1 + random() % (month == 3 ? 15 : 28);
      Message message{.user_id = user};
      message.event = random() % 3 ? "app_open" : "order_paid";
      message.when = *world.calendar().ParseMoment(fmt::format(
          "2026-{:02}-{:02}T0{}:00:00Z", month, day, random() % 10));
      messages.push_back(message);
    }
    std::string profile = R"({"rank":1)";
    if (random() % 3) profile += R"(,"push_token":"p")";
    if (random() % 3) profile += R"(,"email":"e@x.example")";
    if (random() % 3 == 0) profile += R"(,"time_zone":"America/New_York")";
    Engine::UserRow row{.user_id = user, .json_object = profile + "}"};
    if (random() % 6 == 0) row.consents = {{"offers", false}};
    rows.push_back(row);
  }
  world.Take(messages, rows);
}

}  // namespace rekindle::testing
