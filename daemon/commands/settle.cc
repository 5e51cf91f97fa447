// `rekindle settle`: an operator's word on touches whose outcome is unknown.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "config/base/words.h"
#include "daemon/commands/command.h"
#include "daemon/commands/slot_report.h"

namespace rekindle {
namespace {

SettleAsk::As ParseAs(const std::string& word) {
  if (word == "accepted") return SettleAsk::As::kAccepted;
  return word == "failed" ? SettleAsk::As::kFailed : SettleAsk::As::kResend;
}

// Rules and channels that are gone from the settings may have left touches
// behind.
Status CheckNames(const CommandLine& line, Session& session) {
  const Ledger& ledger = session.engine().ledger();
  if (auto known = CheckRule(line.rule, session);
      !known && ledger.CountTouches({.rule_id = line.rule}) == 0) {
    return known;
  }
  if (line.channel.empty()) return {};
  auto known = CheckChannel(line.channel, session);
  return known || ledger.channels().HasSent(line.channel) ? Status() : known;
}

// Slots are instants: a day has none by itself.
Result<Instant> SlotOf(const std::string& text, const Calendar& calendar) {
  auto slot = calendar.ParseMoment(text);
  if (!slot) return Fail(ErrorKind::kUsage, "--slot: " + slot.error().message);
  if (!slot->by_day) return slot->at;
  return Fail(
      ErrorKind::kUsage,
      fmt::format("--slot: expected an instant with its offset, such "
                  "as {}, not the day \"{}\"",
                  calendar.Format(slot->at + std::chrono::hours(10)), text));
}

Result<SettleAsk> AskOf(const CommandLine& line, const Session& session,
                        const std::string& who) {
  SettleAsk ask;
  ask.as = ParseAs(line.settle_as);
  ask.touch_ids = line.touch_ids;
  ask.dry_run = line.dry_run;
  ask.who = who;
  std::vector<std::string> words = {line.settle_as};
  if (!line.channel.empty()) {
    ask.channel = line.channel;
    words.push_back("channel " + line.channel);
  }
  if (line.rule) {
    ask.rule_id = line.rule;
    words.push_back("rule " + *line.rule);
  }
  if (line.slot) {
    const auto configuration = session.configuration();
    const Calendar& calendar = configuration->engine->calendar;
    auto slot = SlotOf(*line.slot, calendar);
    if (!slot) return tl::make_unexpected(slot.error());
    ask.slot = *slot;
    words.push_back("slot " + calendar.Format(*slot));
  }
  if (ask.touch_ids.empty() && words.size() == 1) {
    return Fail(ErrorKind::kUsage,
                "name touch ids, or --channel, --rule or --slot");
  }
  ask.subject = Join(words, ", ");
  return ask;
}

// While the snapshot is there, users keep their ids.
Result<std::vector<TouchRow>> Settle(Session& session, const SettleAsk& ask,
                                     Instant now) {
  const auto users_stay = session.engine().At(now);
  return session.engine().ledger().Settle(ask, now);
}

void WriteTouches(const CommandLine& line, const std::vector<TouchRow>& rows,
                  const Calendar& calendar, CommandStreams& streams) {
  auto sink = MakeRowSink(FormatFor(line, streams), streams.out);
  sink->Header({"touch_id", "rule_id", "user_id", "slot", "channel", "attempts",
                "reason", "detail"});
  for (const TouchRow& row : rows) {
    sink->Row({row.touch_id, row.rule_id, row.user_id,
               calendar.Format(row.slot), row.channel, int64_t{row.attempts},
               row.reason, row.detail});
  }
  sink->Finish();
}

}  // namespace

int RunSettle(const CommandLine& line, Session& session,
              CommandStreams& streams) {
  if (auto known = CheckNames(line, session); !known) {
    return Report(known.error(), streams);
  }
  auto ask = AskOf(line, session, streams.who);
  if (!ask) return Report(ask.error(), streams);
  const auto now = AsOf(line, session);
  if (!now) return Report(now.error(), streams);
  auto settled = Settle(session, *ask, *now);
  if (!settled) return Report(settled.error(), streams);
  WriteTouches(line, *settled, session.engine().settings()->calendar, streams);
  fmt::print(streams.err, "{} touches {}\n", settled->size(),
             line.dry_run ? "would be settled" : "settled");
  return kExitDone;
}

}  // namespace rekindle
