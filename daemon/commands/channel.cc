// `rekindle channel pause|drain|resume|status`: an operator's hold on a
// channel.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "daemon/commands/command.h"
#include "daemon/session/channel_figures.h"

namespace rekindle {
namespace {

// `status` shows all of them where none is named.
Status CheckNamed(const CommandLine& line, const Session& session) {
  if (!line.channel.empty()) return CheckChannel(line.channel, session);
  if (line.channel_action == "status") return {};
  return Fail(ErrorKind::kUsage, "which channel?");
}

Cell MinuteCell(std::optional<Instant> at, const Calendar& calendar) {
  return at ? Cell(calendar.FormatMinute(*at)) : Cell();
}

int WriteStatus(const CommandLine& line, Session& session,
                CommandStreams& streams) {
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  sink->Header({"channel", "type", "standing", "reason", "until", "due",
                "oldest_due", "waiting", "unknown", "handed_today", "per_day",
                "accepted_today", "cost_today"});
  const auto configuration = session.configuration();
  const Calendar& calendar = configuration->engine->calendar;
  for (const ChannelFigures& figures :
       FiguresOf(session, *configuration, session.clock().Now())) {
    const Channel& channel = *figures.channel;
    if (!line.channel.empty() && channel.id != line.channel) continue;
    const auto& per_day = channel.delivery.per_day;
    sink->Row({channel.id, channel.type, std::string(figures.word), figures.why,
               MinuteCell(figures.until, calendar), figures.queue.due,
               MinuteCell(figures.queue.oldest_due, calendar),
               figures.queue.waiting, figures.queue.unknown,
               figures.today.handed, per_day ? Cell(*per_day) : Cell(),
               figures.today.CountOf("accepted"),
               MoneyText(figures.today.cost)});
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
