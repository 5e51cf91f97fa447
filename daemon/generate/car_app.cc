#include "daemon/generate/car_app.h"

#include <algorithm>
#include <memory>
#include <system_error>

#include "daemon/generate/event_rows.h"
#include "daemon/generate/follow.h"
#include "daemon/generate/gzip_file.h"
#include "daemon/generate/month_plan.h"
#include "daemon/generate/row_text.h"
#include "daemon/generate/text_output.h"

namespace rekindle {
namespace {

constexpr int64_t kMostUsers = 1'000'000'000;
constexpr int kMostMonths = 240;

LocalDay FollowingDay(const GenerateOptions& options) {
  return options.follow->from.value_or(options.last_day + std::chrono::days(1));
}

Status CheckOptions(const GenerateOptions& options) {
  if (options.users < 1 || options.users > kMostUsers) {
    return Fail(ErrorKind::kUsage, "users must be 1 to 1000000000, not " +
                                       std::to_string(options.users));
  }
  if (options.months < 1 || options.months > kMostMonths) {
    return Fail(ErrorKind::kUsage, "months must be 1 to 240, not " +
                                       std::to_string(options.months));
  }
  if (options.share <= 0 || options.share > 1) {
    return Fail(ErrorKind::kUsage,
                "the share of days must be over 0 and at "
                "most 100%");
  }
  if (!options.follow) return {};
  if (options.follow->weeks < 1) {
    return Fail(ErrorKind::kUsage, "weeks must be 1 or more, not " +
                                       std::to_string(options.follow->weeks));
  }
  LocalDay from = FollowingDay(options);
  if (from <= options.last_day) {
    return Fail(ErrorKind::kUsage,
                "the weeks must begin after the history's last day, " +
                    FormatDay(options.last_day) + ", not on " +
                    FormatDay(from));
  }
  return {};
}

// Writes the month's events of the days first .. last, those left out that
// `outcomes` silences.
void WriteMonth(const MonthPlan& month, uint64_t seed, LocalDay first,
                LocalDay last, const Outcomes* outcomes, EventRows* rows) {
  first = std::max(first, month.first_day());
  last = std::min(last, month.last_day());
  std::vector<CarEvent> events;
  DayPlan plan;
  for (LocalDay day = first; day <= last; day += std::chrono::days(1)) {
    rows->StartDay(day);
    for (uint32_t user = 0; user < month.users(); ++user) {
      if (!month.Find(user, day, &plan)) continue;
      FillDay(seed, user, HabitsOf(seed, user), day, plan, &events);
      for (size_t i = 0; i < events.size(); ++i) {
        Instant at =
            StartOfCarDay(day) + std::chrono::seconds(events[i].second);
        if (outcomes != nullptr && outcomes->Silences(user, at)) continue;
        rows->Write(user, i, events[i]);
      }
    }
  }
}

void WriteEvents(Population& population, const GenerateOptions& options,
                 LocalDay first, LocalDay last, const Outcomes* outcomes,
                 EventRows* rows) {
  int32_t until = PeriodOf(last, PeriodUnit::kMonth);
  int32_t from = PeriodOf(first, PeriodUnit::kMonth);
  while (population.month() < until) {
    population.Advance();
    if (population.month() < from) continue;
    MonthPlan month(population, options.seed, options.share);
    WriteMonth(month, options.seed, first, last, outcomes, rows);
  }
}

void WriteUsers(const Population& population, const GenerateOptions& options,
                const std::filesystem::path& path) {
  GzipFile file(path);
  std::string pending(kUsersHeader);
  for (uint32_t user = 0; user < options.users; ++user) {
    AppendUserRow(&pending, options.seed, user, population.RegisteredOn(user));
    if (pending.size() < kWriteAt) continue;
    file.Write(pending);
    pending.clear();
  }
  file.Write(pending);
  file.Finish();
}

void WriteGoal(const GoalDraw& goal, EventRows* rows) {
  // A purchase is made in the app, opened a minute before.
  constexpr std::chrono::minutes kBefore(1);
  auto write = [&](Instant at, std::string_view event, std::string_view item,
                   int amount, std::string_view place) {
    LocalDay day = CarDayOf(at);
    CarEvent row;
    row.second =
        std::chrono::floor<std::chrono::seconds>(at - StartOfCarDay(day))
            .count();
    row.event = event;
    row.item = item;
    row.amount = amount;
    rows->Write(goal.user, day, "goal-" + goal.touch_id + std::string(place),
                row);
  };
  if (goal.event != "order_paid") return write(goal.at, goal.event, "", 0, "");
  write(goal.at - kBefore, "app_open", "", 0, "-open");
  write(goal.at, goal.event, "脚垫", 269, "");
}

// The first of the months with events.
LocalDay FirstDay(const GenerateOptions& options) {
  int32_t last = PeriodOf(options.last_day, PeriodUnit::kMonth);
  return FirstDayOf(last - options.months + 1, PeriodUnit::kMonth);
}

// The rows of a file, or of the stream in its place.
EventRows OpenRows(const GenerateOptions& options, const char* file,
                   GenerateSummary* summary) {
  if (options.events_to != nullptr) {
    return EventRows(std::make_unique<PlainOutput>(*options.events_to));
  }
  summary->files.push_back(options.out_dir / file);
  return EventRows(std::make_unique<GzipFile>(summary->files.back()));
}

void WriteHistory(const GenerateOptions& options, GenerateSummary* summary) {
  Population population(options.users, options.months, options.seed,
                        options.last_day);
  EventRows rows = OpenRows(options, "events.csv.gz", summary);
  WriteEvents(population, options, FirstDay(options), options.last_day, nullptr,
              &rows);
  rows.Finish();
  if (options.events_to == nullptr) {
    summary->files.push_back(options.out_dir / "users.csv.gz");
    WriteUsers(population, options, summary->files.back());
  }
  summary->events = rows.count();
  summary->users = options.users;
}

Status WriteFollowing(const GenerateOptions& options,
                      GenerateSummary* summary) {
  const FollowOptions& follow = *options.follow;
  LocalDay first = FollowingDay(options);
  Result<Outcomes> outcomes =
      Outcomes::Read(follow, first, options.seed, options.users);
  if (!outcomes) return tl::make_unexpected(outcomes.error());
  Population population(options.users, options.months, options.seed,
                        options.last_day);
  LocalDay last = first + std::chrono::days(7 * follow.weeks - 1);
  EventRows rows = OpenRows(options, "following.csv.gz", summary);
  WriteEvents(population, options, first, last, &*outcomes, &rows);
  for (const GoalDraw& goal : outcomes->goals()) WriteGoal(goal, &rows);
  rows.Finish();
  summary->events = rows.count();
  summary->users = options.users;
  return {};
}

}  // namespace

Status Generate(const GenerateOptions& options, GenerateSummary* summary) {
  if (Status s = CheckOptions(options); !s) return s;
  GenerateSummary ignored;
  if (summary == nullptr) summary = &ignored;
  try {
    if (options.events_to == nullptr) {
      std::filesystem::create_directories(options.out_dir);
    }
    if (options.follow) return WriteFollowing(options, summary);
    WriteHistory(options, summary);
    return {};
  } catch (const std::system_error& e) {
    return Fail(ErrorKind::kIo, e.what());
  }
}

}  // namespace rekindle
