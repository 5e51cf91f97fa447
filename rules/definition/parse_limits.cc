// The keys of a rule that say how often and when: limits, ramp, window, wait.
#include <fmt/format.h>

#include <limits>

#include "config/base/time_of_day.h"
#include "config/base/words.h"
#include "rules/definition/parse_context.h"

namespace rekindle {
namespace {

using std::chrono::minutes;

constexpr std::string_view kInsteadOfZero =
    "to stop the rule, use `enabled: false`";

std::optional<int64_t> ParseCount(yaml::Section& limits, std::string_view key,
                                  int64_t most) {
  auto node = limits.Take(key);
  yaml::Diagnostics& d = limits.diagnostics();
  if (!node || RefuseZero(*node, key, kInsteadOfZero, d)) return std::nullopt;
  auto count = node->AsInteger(d, key);
  if (!count) return std::nullopt;
  if (*count >= 1 && *count <= most) return count;
  d.Error(node->position(),
          fmt::format("{} must be from 1 to {}, not {}", key, most, *count));
  return std::nullopt;
}

// "09:00-21:00".
bool ParseWindowSpan(const yaml::Node& node, yaml::Diagnostics& d,
                     SendWindow* window) {
  auto text = node.AsString(d, "window");
  if (!text) return false;
  std::vector<std::string> ends = Split(*text, '-');
  auto from = ParseTimeOfDay(ends.empty() ? "" : Trim(ends[0]));
  auto to = ParseTimeOfDay(ends.size() < 2 ? "" : Trim(ends[1]));
  if (ends.size() != 2 || !from || !to) {
    d.Error(node.position(),
            fmt::format("window must be like 09:00-21:00, not \"{}\"", *text));
    return false;
  }
  window->from = *from;
  window->to = *to;
  return true;
}

std::optional<minutes> RequireTime(yaml::Section& section,
                                   std::string_view key) {
  auto node = section.Require(key);
  if (!node) return std::nullopt;
  auto text = node->AsString(section.diagnostics(), key);
  if (!text) return std::nullopt;
  auto time = ParseTimeOfDay(*text);
  if (!time) {
    section.diagnostics().Error(
        node->position(),
        fmt::format("{} must be HH:MM, 00:00 to 24:00, not \"{}\"", key,
                    *text));
  }
  return time;
}

// `{from: 09:00, to: 21:00, wait: 24 hours}`.
bool ParseWindowMap(const yaml::Node& node, yaml::Diagnostics& d,
                    SendWindow* window, Duration* wait, bool* has_wait) {
  yaml::Section section(node, d, "window");
  auto from = RequireTime(section, "from");
  auto to = RequireTime(section, "to");
  *has_wait = section.Has("wait");
  *wait = section.GetDuration("wait", *wait);
  section.Finish();
  if (!from || !to) return false;
  window->from = *from;
  window->to = *to;
  return true;
}

// Shares that grow: [5%, 25%, 100%].
std::vector<double> ParseRamp(yaml::Section& limits) {
  std::vector<double> ramp;
  const auto node = limits.Take("ramp");
  yaml::Diagnostics& d = limits.diagnostics();
  if (!node) return ramp;
  for (const yaml::Node& item : node->AsOneOrMany(d, "ramp")) {
    const auto share = item.AsShare(d, "a share of ramp");
    if (!share) continue;
    if (*share == 0) {
      d.Error(item.position(),
              fmt::format("a share of ramp must be more than 0%; {}",
                          kInsteadOfZero));
    }
    if (!ramp.empty() && *share <= ramp.back()) {
      d.Error(item.position(),
              fmt::format("ramp must grow from slot to slot, like "
                          "[5%, 25%, 100%]; {} is not more than the one before",
                          item.text()));
    }
    ramp.push_back(*share);
  }
  return ramp;
}

}  // namespace

bool RefuseZero(const yaml::Node& node, std::string_view what,
                std::string_view remedy, yaml::Diagnostics& d) {
  const std::string& text = node.text();
  std::string_view digits =
      std::string_view(text).substr(0, text.find_first_not_of("0123456789"));
  if (digits.empty() ||
      digits.find_first_not_of('0') != std::string_view::npos) {
    return false;
  }
  d.Error(node.position(),
          fmt::format("{} must be at least 1, not {}; {}", what, text, remedy));
  return true;
}

Limits ParseLimits(yaml::Section& rule) {
  Limits limits;
  if (auto node = rule.Take("limits")) {
    yaml::Section section(*node, rule.diagnostics(), "limits");
    if (auto count = ParseCount(section, "per_episode", 1'000'000)) {
      limits.per_episode = static_cast<int>(*count);
    }
    auto every = section.Take("every");
    if (every &&
        !RefuseZero(*every, "every", kInsteadOfZero, rule.diagnostics())) {
      limits.every = every->AsDuration(rule.diagnostics(), "every");
    }
    limits.per_run =
        ParseCount(section, "per_run", std::numeric_limits<int32_t>::max());
    limits.ramp = ParseRamp(section);
    section.Finish();
  }
  if (!limits.per_episode && !limits.every) limits.per_episode = 1;
  return limits;
}

void ParseWindow(yaml::Section& section, const EngineSettings& settings,
                 Rule* rule) {
  yaml::Diagnostics& d = section.diagnostics();
  auto node = section.Take("window");
  auto wait = section.Take("wait");
  if (!node && wait && settings.notes.holidays.empty()) {
    d.Error(wait->position(),
            "wait says how long a touch waits for its window, or for holidays "
            "to be over; it needs \"window\", or holidays in `calendar`");
    return;
  }
  SendWindow window;
  bool has_wait = false;
  const bool read =
      node &&
      (node->IsMap() ? ParseWindowMap(*node, d, &window, &rule->wait, &has_wait)
                     : ParseWindowSpan(*node, d, &window));
  if (wait && has_wait) {
    d.Error(wait->position(), "wait stands twice: here and in \"window\"");
  } else if (wait) {
    rule->wait = wait->AsDuration(d, "wait").value_or(rule->wait);
  }
  if (!read) return;
  if (window.from == window.to || window.from == minutes(24 * 60)) {
    d.Error(node->position(),
            "the window is empty; a whole day is 00:00-24:00");
    return;
  }
  rule->window = window;
}

}  // namespace rekindle
