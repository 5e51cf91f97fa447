#include "channels/receipts/poll_settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace rekindle {
namespace {

using std::chrono::seconds;

constexpr seconds kDay = std::chrono::hours(24);
constexpr seconds kLongestEvery = kDay;
constexpr seconds kLongestPatience = 366 * kDay;

// What a request can name of a touch.
constexpr const char* kOfTouch[] = {"touch_id", "provider_id", "rule_id",
                                    "user_id",  "slot",        "sent_at"};

void TakeLength(const std::optional<yaml::Node>& node, yaml::Diagnostics& d,
                std::string_view key, seconds most, std::string_view most_text,
                seconds* length) {
  if (!node) return;
  const auto duration = node->AsDuration(d, key);
  if (!duration) return;
  const auto given = LengthOf(*duration);
  if (given && *given <= most) {
    *length = *given;
    return;
  }
  d.Error(node->position(),
          fmt::format("{} must be in minutes, hours, days or weeks, at most "
                      "{}, not \"{}\"",
                      key, most_text, node->text()));
}

}  // namespace

std::optional<PollSettings> ParsePoll(const yaml::Node& node,
                                      yaml::Diagnostics& d, bool has_address) {
  const int errors_before = d.errors();
  yaml::Section section(node, d, "poll");
  if (!section.valid()) return std::nullopt;
  PollSettings settings;
  RequestVariables variables;
  variables.known.assign(std::begin(kOfTouch), std::end(kOfTouch));
  if (has_address) variables.known.push_back("address");
  NamedVariables named;
  TakeRequest(section, variables, &settings.request, &named);
  const auto names = [&](const std::string& variable) {
    return named.variables.contains(variable);
  };
  settings.per_touch =
      std::any_of(variables.known.begin(), variables.known.end(), names);
  settings.names_provider_id = names("provider_id");
  settings.names_address = names("address");
  settings.names_message = names("touch_id") || names("provider_id");

  TakeLength(section.Take("every"), d, "every", kLongestEvery, "1 day",
             &settings.every);
  const auto give_up = section.Take("give_up_after");
  TakeLength(give_up, d, "give_up_after", kLongestPatience, "366 days",
             &settings.give_up_after);
  const bool several = section.Has("concurrency");
  settings.concurrency =
      static_cast<int>(section.GetInteger("concurrency", 4, 1, 64));
  // Only where the request itself is right is it known what it names.
  if (d.errors() == errors_before && !settings.per_touch) {
    const char* key = give_up ? "give_up_after" : "concurrency";
    if (give_up || several) {
      d.Error(give_up ? give_up->position() : section.node().position(),
              fmt::format("{} goes with a request that names the touch it is "
                          "about, such as {{{{provider_id}}}}",
                          key));
    }
  }
  section.Finish();
  if (d.errors() != errors_before) return std::nullopt;
  return settings;
}

}  // namespace rekindle
