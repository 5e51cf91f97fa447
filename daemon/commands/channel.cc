// `rekindle channel pause|drain|resume|status`: an operator's hold on a
// channel.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <nlohmann/json.hpp>

#include "daemon/commands/command.h"
#include "daemon/pages/channels_model.h"

namespace rekindle {
namespace {

// `status` shows all of them where none is named.
Status CheckNamed(const CommandLine& line, const Session& session) {
  if (!line.channel.empty()) return CheckChannel(line.channel, session);
  if (line.channel_action == "status") return {};
  return Fail(ErrorKind::kUsage, "which channel?");
}

Cell TextOrNothing(const Json& value) {
  return value.is_null() ? Cell() : Cell(value.get<std::string>());
}

int WriteStatus(const CommandLine& line, Session& session,
                CommandStreams& streams) {
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  sink->Header({"channel", "type", "standing", "reason", "until", "due",
                "oldest_due", "waiting", "unknown", "handed_today", "per_day",
                "accepted_today", "cost_today"});
  const Json model = ChannelsModel(session, {});
  for (const Json& channel : model["channels"]) {
    if (!line.channel.empty() && channel["channel"] != line.channel) continue;
    sink->Row(
        {channel["channel"].get<std::string>(),
         channel["type"].get<std::string>(),
         channel["standing"].get<std::string>(),
         channel["why"].get<std::string>(), TextOrNothing(channel["until"]),
         channel["due"].get<int64_t>(), TextOrNothing(channel["oldest_due"]),
         channel["waiting"].get<int64_t>(), channel["unknown"].get<int64_t>(),
         channel["handed_today"].get<int64_t>(),
         channel["per_day"].is_null() ? Cell()
                                      : Cell(channel["per_day"].get<int64_t>()),
         channel["today"]["accepted"].get<int64_t>(),
         channel["today"]["cost"].get<std::string>()});
  }
  sink->Finish();
  return kExitDone;
}

}  // namespace

int RunChannel(const CommandLine& line, Session& session,
               CommandStreams& streams) {
  if (auto known = CheckNamed(line, session); !known) {
    return Report(known.error(), streams);
  }
  if (line.channel_action == "status") {
    return WriteStatus(line, session, streams);
  }

  ChannelBook& book = session.engine().ledger().channels();
  const Instant now = session.clock().Now();
  if (line.channel_action == "resume") {
    const bool held = book.Resume(line.channel, streams.who, now);
    fmt::print(streams.out, "channel {}: {}\n", line.channel,
               held ? "sends again" : "was not held");
    return kExitDone;
  }
  const bool pause = line.channel_action == "pause";
  book.Hold(line.channel, pause ? HoldMode::kPaused : HoldMode::kDraining,
            streams.who, now);
  fmt::print(streams.out, "channel {}: {}; rekindle channel resume {}\n",
             line.channel,
             pause ? "paused; what is planned waits, and expires as ever"
                   : "draining; what was planned before now leaves, the rest "
                     "waits",
             line.channel);
  return kExitDone;
}

}  // namespace rekindle
