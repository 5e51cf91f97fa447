#include "rules/definition/variable_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/base/words.h"

namespace rekindle {
namespace {

using Kind = VariableName::Kind;

const std::map<std::string_view, Kind>& Reserved() {
  static const std::map<std::string_view, Kind> names = {
      {"user_id", Kind::kUserId},
      {"state", Kind::kState},
      {"substate", Kind::kSubstate},
      {"created_at", Kind::kCreatedAt},
      {"last_active_day", Kind::kLastActiveDay},
      {"inactive_days", Kind::kInactiveDays},
      {"top_preference", Kind::kTopPreference},
      {"labels", Kind::kLabels},
  };
  return names;
}

tl::unexpected<Error> BadVariable(std::string message) {
  return Fail(ErrorKind::kConfiguration, std::move(message));
}

Result<BehaviorIndex> ParseBehavior(std::string_view variable,
                                    std::string_view behavior,
                                    const BehaviorSet& behaviors) {
  auto index = behaviors.Find(behavior);
  if (index) return *index;
  return BadVariable(
      fmt::format("unknown behavior \"{}\" in the variable \"{}\"{}", behavior,
                  variable, Suggestion(behavior, behaviors.names())));
}

// "30_days" -> 30 days.
Result<Duration> ParseVariableWithin(std::string_view variable,
                                     std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '_', ' ');
  auto duration = ParseDuration(spaced);
  if (duration && (duration->unit == DurationUnit::kDay ||
                   duration->unit == DurationUnit::kWeek ||
                   duration->unit == DurationUnit::kMonth)) {
    return duration;
  }
  return BadVariable(
      fmt::format("the time in the variable \"{}\" must be like "
                  "30_days, 4_weeks or 3_months, not \"{}\"",
                  variable, text));
}

Result<VariableName> ParseDotted(std::string_view name,
                                 const BehaviorSet& behaviors) {
  std::vector<std::string> words = Split(name, '.');
  bool last = words[0] == "last";
  if (!last && words[0] != "count") {
    const std::string close = ClosestWord(words[0], {"last", "count"});
    return BadVariable(fmt::format(
        "unknown variable \"{}\": a name with a dot is "
        "last.<behavior>.<property> or count.<behavior>.<N_days>{}",
        name,
        close.empty() ? "" : fmt::format("; did you mean \"{}\"?", close)));
  }
  if (last ? words.size() < 3 : words.size() > 3) {
    return BadVariable(fmt::format(
        "the variable \"{}\" must be like {}", name,
        last ? "last.<behavior>.<property>" : "count.<behavior>.<N_days>"));
  }
  auto behavior = ParseBehavior(name, words[1], behaviors);
  if (!behavior) return tl::make_unexpected(behavior.error());
  VariableName variable{.kind = last ? Kind::kLast : Kind::kCount,
                        .behavior = *behavior};
  if (last) {
    variable.key = name.substr(words[0].size() + words[1].size() + 2);
  } else if (words.size() == 3) {
    auto within = ParseVariableWithin(name, words[2]);
    if (!within) return tl::make_unexpected(within.error());
    variable.within = *within;
  }
  return variable;
}

}  // namespace

Result<VariableName> ParseVariable(std::string_view name,
                                   const BehaviorSet& behaviors) {
  auto reserved = Reserved().find(name);
  if (reserved != Reserved().end()) {
    return VariableName{.kind = reserved->second, .key = std::string(name)};
  }
  if (name.find('.') != std::string_view::npos) {
    return ParseDotted(name, behaviors);
  }
  return VariableName{.kind = Kind::kProfile, .key = std::string(name)};
}

}  // namespace rekindle
