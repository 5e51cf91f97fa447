#include "config/base/calendar.h"

#include <cctz/time_zone.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <vector>

#include "config/base/moment_parser.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::year_month_day;

cctz::civil_day ToCivil(LocalDay day) {
  return cctz::civil_day(1970, 1, 1) + ToNumber(day);
}

LocalDay FromCivil(const cctz::civil_day& day) {
  return DayFromNumber(static_cast<int32_t>(day - cctz::civil_day(1970, 1, 1)));
}

cctz::time_point<cctz::seconds> ToSeconds(Instant at) {
  return floor<seconds>(at);
}

// The names a slip may have meant. The database also answers to names that
// depend on the machine (a path, "localtime"); those are no zones here.
std::vector<std::string> ListedZones() {
  std::vector<std::string> names = {"UTC"};
  std::ifstream table("/usr/share/zoneinfo/tzdata.zi");
  for (std::string line; std::getline(table, line);) {
    std::vector<std::string> words = Split(line, ' ');
    if (words.size() > 1 && words[0] == "Z") names.push_back(words[1]);
    if (words.size() > 2 && words[0] == "L") names.push_back(words[2]);
  }
  return names;
}

bool IsZoneName(std::string_view name) {
  if (name.empty() || name == "localtime" || name.starts_with("Fixed/") ||
      name.front() == '/' || name.find("..") != std::string_view::npos) {
    return false;
  }
  return name.find_first_of(": \\") == std::string_view::npos;
}

// The offsets of a zone from 1970 to 2100, listed once: the day of an instant,
// asked for every event, is then a short search and a division.
class Offsets {
 public:
  explicit Offsets(const cctz::time_zone& zone) {
    Second at{};
    Add(zone, at);
    cctz::time_zone::civil_transition change;
    while (zone.next_transition(at, &change)) {
      at = zone.lookup(change.to).trans;
      if (at >= kEnd) break;
      Add(zone, at);
    }
  }

  // Nothing outside those years.
  std::optional<Calendar::DaySpan> SpanOf(Instant at) const {
    const auto when = floor<seconds>(at);
    if (when < stretches_.front().from || when >= kEnd) return std::nullopt;
    const auto after = std::upper_bound(
        stretches_.begin(), stretches_.end(), when,
        [](auto w, const Stretch& stretch) { return w < stretch.from; });
    const Stretch& in = *std::prev(after);
    const auto day = floor<days>(when + in.offset);
    const Second end = after == stretches_.end() ? kEnd : after->from;
    return Calendar::DaySpan{LocalDay(day.time_since_epoch()),
                             std::max<Second>(in.from, day - in.offset),
                             std::min<Second>(end, day + days(1) - in.offset)};
  }

 private:
  using Second = cctz::time_point<cctz::seconds>;
  struct Stretch {
    Second from;
    seconds offset;
  };
  void Add(const cctz::time_zone& zone, Second at) {
    stretches_.push_back({at, seconds(zone.lookup(at).offset)});
  }

  static constexpr Second kEnd{seconds(4'102'444'800)};  // 2100-01-01
  std::vector<Stretch> stretches_;
};

}  // namespace

struct Calendar::Zone {
  std::string name;
  cctz::time_zone zone;
  Offsets offsets{zone};

  cctz::civil_second WallClock(Instant at) const {
    return zone.lookup(ToSeconds(at)).cs;
  }
  // A wall clock that does not exist gives the first instant after the gap,
  // one that occurs twice the first of the two.
  Instant Resolve(const cctz::civil_second& wall) const {
    auto found = zone.lookup(wall);
    return found.kind == cctz::time_zone::civil_lookup::SKIPPED ? found.trans
                                                                : found.pre;
  }
};

Calendar::Calendar(std::shared_ptr<const Zone> zone) : zone_(std::move(zone)) {}

Calendar Calendar::Utc() {
  return Calendar(
      std::make_shared<const Zone>(Zone{"UTC", cctz::utc_time_zone()}));
}

Result<Calendar> Calendar::Load(const std::string& zone_name) {
  cctz::time_zone zone;
  if (IsZoneName(zone_name) && cctz::load_time_zone(zone_name, &zone)) {
    return Calendar(std::make_shared<const Zone>(Zone{zone_name, zone}));
  }
  std::string message = "unknown time zone \"" + zone_name + "\"";
  std::string close = ClosestWord(zone_name, ListedZones());
  message += close.empty() ? "; expected a name such as \"Asia/Shanghai\""
                           : "; did you mean \"" + close + "\"?";
  return Fail(ErrorKind::kConfiguration, std::move(message));
}

const std::string& Calendar::zone_name() const { return zone_->name; }

LocalDay Calendar::DayOf(Instant at) const { return SpanOf(at).day; }

Calendar::DaySpan Calendar::SpanOf(Instant at) const {
  if (const auto span = zone_->offsets.SpanOf(at)) return *span;
  return {FromCivil(cctz::civil_day(zone_->WallClock(at))), at,
          at + milliseconds(1)};
}

Instant Calendar::StartOf(LocalDay day) const {
  return zone_->Resolve(cctz::civil_second(ToCivil(day)));
}

Instant Calendar::EndOf(LocalDay day) const {
  return StartOf(day + days(1)) - milliseconds(1);
}

Instant Calendar::At(LocalDay day, seconds since_midnight) const {
  return zone_->Resolve(cctz::civil_second(ToCivil(day)) +
                        since_midnight.count());
}

seconds Calendar::TimeOfDay(Instant at) const {
  cctz::civil_second wall = zone_->WallClock(at);
  return seconds(wall.hour() * 3600 + wall.minute() * 60 + wall.second());
}

Instant Calendar::AddMonths(Instant at, int count) const {
  if (count == 0) return at;
  year_month_day date(DayOf(at));
  date += months(count);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return At(LocalDay(date), TimeOfDay(at)) + (at - floor<seconds>(at));
}

Instant Calendar::AddDays(Instant at, int count) const {
  if (count == 0) return at;
  return At(DayOf(at) + days(count), TimeOfDay(at)) + (at - floor<seconds>(at));
}

Result<Moment> Calendar::ParseMoment(std::string_view text) const {
  Result<ParsedMoment> parsed = ParseMomentText(text);
  if (!parsed) return tl::make_unexpected(parsed.error());
  if (parsed->day) return Moment{StartOf(*parsed->day), *parsed->day, true};
  return Moment{parsed->at, DayOf(parsed->at), false};
}

Result<Instant> Calendar::ParseUntil(std::string_view text) const {
  Result<Moment> moment = ParseMoment(text);
  if (!moment) return tl::make_unexpected(moment.error());
  return moment->by_day ? EndOf(moment->day) : moment->at;
}

Result<Instant> Calendar::ParseFrom(std::string_view text) const {
  Result<Moment> moment = ParseMoment(text);
  if (!moment) return tl::make_unexpected(moment.error());
  return moment->at;
}

std::string Calendar::Format(Instant at) const {
  // RFC 3339 offsets have no seconds, old local mean times do: the wall clock
  // is shown by the offset that is printed, so that the instant stays true.
  minutes offset = std::chrono::duration_cast<minutes>(
      seconds(zone_->zone.lookup(ToSeconds(at)).offset));
  Instant wall = at + offset;
  year_month_day date(floor<days>(wall));
  std::chrono::hh_mm_ss time(wall - floor<days>(wall));
  std::string text = fmt::format(
      "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) {
    text += fmt::format(".{:03}", time.subseconds().count());
  }
  const auto off = std::abs(offset.count());
  text += fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', off / 60,
                      off % 60);
  return text;
}

std::string Calendar::FormatMinute(Instant at) const {
  cctz::civil_second wall = zone_->WallClock(at);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d",
                static_cast<int>(wall.year()), wall.month(), wall.day(),
                wall.hour(), wall.minute());
  return text;
}

}  // namespace rekindle
