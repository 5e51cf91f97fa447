// `rekindle generate`: writes a synthetic history, or the weeks after one.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "daemon/commands/command.h"

namespace rekindle {
namespace {

Result<GenerateOptions> OptionsOf(const CommandLine& line) {
  GenerateOptions options = line.generate;
  if (!line.end.empty()) {
    // A bare day is the same in every zone.
    auto end = Calendar::Utc().ParseMoment(line.end);
    if (!end || !end->by_day) {
      return Fail(ErrorKind::kUsage,
                  fmt::format("--end: expected a day, such as 2026-06-30, not "
                              "\"{}\"",
                              line.end));
    }
    options.last_day = end->day;
  }
  if (!line.share.empty()) {
    auto share = ParseShare(line.share);
    if (!share) {
      return Fail(ErrorKind::kUsage,
                  fmt::format("--share: expected a share, such as 8%, not "
                              "\"{}\"",
                              line.share));
    }
    options.share = *share;
  }
  if (line.follow.empty()) return options;
  FollowOptions follow;
  follow.touches = line.follow;
  follow.from = options.last_day + std::chrono::days(1);
  follow.weeks = line.weeks;
  follow.outcome_seed = line.outcome_seed;
  for (const std::string& text : line.effects) {
    auto effect = ParseEffect(text);
    if (!effect) return tl::make_unexpected(effect.error());
    follow.effects.push_back(*effect);
  }
  options.follow = std::move(follow);
  return options;
}

}  // namespace

int RunGenerate(const CommandLine& line, CommandStreams& streams) {
  auto options = OptionsOf(line);
  if (!options) return Report(options.error(), streams);
  const bool to_stream = options->out_dir == "-";
  if (to_stream) options->events_to = &streams.out;
  GenerateSummary summary;
  if (auto written = Generate(*options, &summary); !written) {
    return Report(written.error(), streams);
  }
  for (const auto& file : summary.files) {
    fmt::print(streams.out, "{}\n", file.string());
  }
  fmt::print(to_stream ? streams.err : streams.out, "{} users, {} events\n",
             summary.users, summary.events);
  return kExitDone;
}

}  // namespace rekindle
