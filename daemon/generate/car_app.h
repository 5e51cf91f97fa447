// `rekindle generate`: a synthetic history of a car maker's app, for demos,
// tests and load.
//
// People register, open the app on some days, favour one or two of its
// features, drive (with or without opening the app), look at the shop and
// sometimes buy. From month to month each is active or idle by a chain whose
// rates are those of a real app: about 84 % of the known are active, 91 % of
// the active and 90 % of the new come back, 85 % of those idle for one month
// and 12 % of those idle for longer; 60 % of the latter still drive. Draws are
// levelled out (dithered) so that each month's shares are met exactly, in
// small populations too.
//
// The same options give the same rows on every machine. Times are those of
// China (UTC+8), whose months are meant. Memory: about 15 bytes a user.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/result.h"

namespace rekindle {

// The effect that a rule is made to have.
struct Effect {
  std::string rule_id;
  double share = 0;  // of the treated, added to the baseline; may be negative
  std::string goal = "app_open";  // or "order_paid", which opens the app too
};
// "wake-car-control=8%", "wake-car-control=0",
// "viewed-not-bought=5%:order_paid".
Result<Effect> ParseEffect(std::string_view text);
// "8%" or "0.08", from -100% to 100%.
Result<double> ParseShare(std::string_view text);

// The weeks after a history, in which some rules have worked.
struct FollowOptions {
  // A file as `export touches` writes it (CSV, .gz too); empty: nobody was
  // touched. Every touched user of a rule with an effect, of both arms, does
  // nothing in the 7 days from planned_at but reach the goal, or not, by an
  // independent draw: the baseline for the held out, baseline + share for the
  // treated. So the true uplift is exactly the share. Where such windows of one
  // user overlap, the goal lies in the part that is the touch's own. Goals are
  // written even where they lie after the weeks.
  std::filesystem::path touches;
  std::vector<Effect> effects;
  std::optional<LocalDay> from;  // the first day; default: after the history
  int weeks = 4;
  double baseline = 0.12;
  // Seed of the goals' draws; default: the history's.
  std::optional<uint64_t> outcome_seed;
};

struct GenerateOptions {
  int64_t users = 20000;  // registered by last_day
  int months = 6;         // natural months with events, last_day's the last
  uint64_t seed = 1;
  // The share of users' active days that is kept, to have fewer events of more
  // users. The day of a registration always stays.
  double share = 1;
  std::filesystem::path out_dir = ".";  // made where it is missing
  // The events go here instead, as plain CSV, and no file is written.
  std::ostream* events_to = nullptr;
  LocalDay last_day{std::chrono::days(20634)};  // 2026-06-30
  // Writes following.csv.gz only, for the history of the other options.
  std::optional<FollowOptions> follow;
};

struct GenerateSummary {
  int64_t users = 0;
  int64_t events = 0;
  std::vector<std::filesystem::path> files;
};

// Writes events.csv.gz and users.csv.gz into out_dir, files of these names
// being replaced only once the new ones are complete; or streams the events.
// kUsage for options that cannot be, kIo where a file cannot be written.
//   events.csv.gz  user_id,timestamp,event,message_id,item,amount,distance_km,
//                  minutes,name
//   users.csv.gz   user_id,created_at,city,nickname,language,time_zone,vip,
//                  email,phone,push_token,car_model
Status Generate(const GenerateOptions& options,
                GenerateSummary* summary = nullptr);

}  // namespace rekindle
