#include "daemon/pages/metrics.h"

#include <fmt/format.h>

#include <array>

#include "daemon/pages/channel_metrics.h"
#include "daemon/session/rule_oversight.h"
#include "daemon/session/version.h"
#include "engine/oversight/notices.h"
#include "rules/decision/decision.h"

namespace rekindle {
namespace {

void Family(std::string* out, std::string_view name, std::string_view type,
            std::string_view help) {
  *out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Gauge(std::string* out, std::string_view name, std::string_view help,
           double value) {
  Family(out, name, "gauge", help);
  *out += fmt::format("{} {}\n", name, value);
}

// Channel and state names are configured words: no quoting is needed beyond
// what their parser already allows. A state that nothing is in has its zero: a
// series that begins with its first touch raises no alert on it.
void Touches(std::string* out, Session& session) {
  Family(out, "rekindle_touches", "gauge", "Touches in the ledger by state.");
  auto counts =
      session.engine().ledger().CountByState(std::nullopt, std::nullopt);
  for (TouchState state : kAllTouchStates) {
    *out += fmt::format("rekindle_touches{{state=\"{}\"}} {}\n",
                        TouchStateName(state), counts[state]);
  }
}

// What a slot may be stopped by.
constexpr std::array kStops = {Reason::kPaused, Reason::kApproval,
                               Reason::kBlastGuard};

void Slots(std::string* out, Session& session) {
  Family(out, "rekindle_slots", "gauge",
         "Slots in the ledger by state, and why the stopped ones were.");
  auto counts = session.engine().ledger().slots().CountByState();
  for (SlotState state :
       {SlotState::kOpen, SlotState::kDone, SlotState::kMissed}) {
    counts.try_emplace({state, ""});
  }
  for (Reason reason : kStops) {
    counts.try_emplace({SlotState::kStopped, std::string(ReasonCode(reason))});
  }
  for (const auto& [slot, count] : counts) {
    *out += fmt::format("rekindle_slots{{state=\"{}\",reason=\"{}\"}} {}\n",
                        SlotStateName(slot.first), slot.second, count);
  }
}

// What waits for a person. A slot that is let through waits no more.
void WaitingForPeople(std::string* out, Session& session) {
  int64_t paused = 0, unapproved = 0, guarded = 0;
  const auto configuration = session.configuration();
  for (const Rule& rule : configuration->rules->rules) {
    const RuleOversight oversight = OversightOf(session, rule);
    paused += oversight.pause ? 1 : 0;
    unapproved += oversight.waits_for_approval ? 1 : 0;
    guarded += oversight.guarded ? 1 : 0;
  }
  Gauge(out, "rekindle_rules_paused", "Rules that a person paused.",
        static_cast<double>(paused));
  Gauge(out, "rekindle_rules_waiting_for_approval",
        "Rules whose version nobody approved yet.",
        static_cast<double>(unapproved));
  Gauge(out, "rekindle_rules_guarded",
        "Rules whose latest slot the blast guard stopped.",
        static_cast<double>(guarded));
}

void NoticeStates(std::string* out, Session& session) {
  Family(out, "rekindle_notices", "gauge", "Notices to people by state.");
  auto counts = session.engine().store().Read(
      [](SQLite::Database& db) { return Notices::CountByState(db); });
  for (int s = 0; s <= static_cast<int>(NoticeState::kUnknown); ++s) {
    const auto state = static_cast<NoticeState>(s);
    *out += fmt::format("rekindle_notices{{state=\"{}\"}} {}\n",
                        NoticeStateName(state), counts[state]);
  }
}

void Counter(std::string* out, std::string_view name, std::string_view help,
             int64_t value) {
  Family(out, name, "counter", help);
  *out += fmt::format("{} {}\n", name, value);
}

void IntakeMessages(std::string* out, const IntakeStats& stats) {
  constexpr std::string_view kName = "rekindle_intake_messages_total";
  Family(out, kName, "counter", "Messages taken in over HTTP by outcome.");
  auto line = [&](std::string_view outcome, int64_t count) {
    *out += fmt::format("{}{{outcome=\"{}\"}} {}\n", kName, outcome, count);
  };
  line("accepted", stats.accepted);
  line("duplicate", stats.duplicate);
  for (Refusal refusal : {Refusal::kUnreadable, Refusal::kTooLarge,
                          Refusal::kSurplus, Refusal::kEngine}) {
    line(RefusalName(refusal), stats.refused(refusal));
  }
}

void Receipts(std::string* out, Session& session, const ReceiptStats& stats) {
  constexpr std::string_view kName = "rekindle_receipts_total";
  Family(out, kName, "counter",
         "Receipts that came in over HTTP or were asked for, clicks and opens "
         "included.");
  const auto line = [&](std::string_view outcome, int64_t count) {
    *out += fmt::format("{}{{outcome=\"{}\"}} {}\n", kName, outcome, count);
  };
  line("taken", stats.of(ReceiptFate::kTaken));
  line("repeated", stats.of(ReceiptFate::kRepeated));
  line("unknown", stats.of(ReceiptFate::kUnknown));
  line("not_sent", stats.of(ReceiptFate::kNotSent));
  line("refused", stats.refused);
  Gauge(out, "rekindle_receipts_unknown",
        "Receipts kept until their touch is known.",
        session.engine().ledger().CountKeptReceipts());
}

void Polls(std::string* out, const std::map<std::string, PollStats>& channels) {
  if (channels.empty()) return;
  constexpr std::string_view kName = "rekindle_receipt_polls_total";
  Family(out, kName, "counter", "Questions to providers by what came of them.");
  for (const auto& [channel, stats] : channels) {
    for (size_t i = 0; i < kReplyKinds.size(); ++i) {
      *out +=
          fmt::format("{}{{channel=\"{}\",outcome=\"{}\"}} {}\n", kName,
                      channel, ReplyKindName(kReplyKinds[i]), stats.asked[i]);
    }
  }
  const auto each = [&](std::string_view name, std::string_view type,
                        std::string_view help, auto value) {
    Family(out, name, type, help);
    for (const auto& [channel, stats] : channels) {
      *out +=
          fmt::format("{}{{channel=\"{}\"}} {}\n", name, channel, value(stats));
    }
  };
  each("rekindle_polled_receipts_total", "counter",
       "Receipts that answers brought, known ones included.",
       [](const PollStats& stats) { return stats.receipts; });
  each("rekindle_receipt_polls_waiting", "gauge",
       "Touches of channels that are asked about each, without a receipt yet.",
       [](const PollStats& stats) { return stats.waiting; });
  each("rekindle_receipt_polls_failing", "gauge",
       "1 while the provider gives no answer that can be read.",
       [](const PollStats& stats) { return stats.failing ? 1 : 0; });
}

void IntakeSeconds(std::string* out, const IntakeStats& stats) {
  constexpr std::string_view kName = "rekindle_intake_request_seconds";
  Family(out, kName, "histogram", "From a request's last byte to its answer.");
  constexpr size_t kLast = IntakeStats::kBuckets.size();
  for (size_t i = 0; i < kLast; ++i) {
    *out += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", kName,
                        IntakeStats::kBuckets[i] / 1000.0, stats.within(i));
  }
  *out += fmt::format(
      "{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n"
      "{0}_count {1}\n",
      kName, stats.within(kLast), stats.seconds());
}

void IntakeMetrics(std::string* out, const IntakeServer& intake) {
  const IntakeStats& stats = intake.stats();
  Family(out, "rekindle_intake_requests_total", "counter",
         "Requests to the intake by HTTP status.");
  for (int status : IntakeStats::kStatuses) {
    *out += fmt::format("rekindle_intake_requests_total{{status=\"{}\"}} {}\n",
                        status, stats.requests(status));
  }
  IntakeMessages(out, stats);
  Counter(out, "rekindle_intake_clocks_off_total",
          "Messages whose sender's clock was off by over a day.",
          stats.clocks_off);
  Counter(out, "rekindle_intake_body_bytes_total",
          "Bytes of JSON taken in, uncompressed.", stats.body_bytes);
  Gauge(out, "rekindle_intake_connections", "Open connections.",
        stats.connections);
  Gauge(out, "rekindle_intake_waiting_bytes",
        "Memory of requests that are read or not yet answered.",
        intake.waiting_bytes());
  Gauge(out, "rekindle_intake_failing", "1 while what comes in is not written.",
        stats.failing ? 1 : 0);
  IntakeSeconds(out, stats);
}

}  // namespace

std::string MetricsText(Session& session, const IntakeServer* intake,
                        const ReceiptPoller& poller,
                        const ReceiptStats& receipts) {
  std::string out;
  Family(&out, "rekindle_build_info", "gauge", "The running version.");
  out += fmt::format("rekindle_build_info{{version=\"{}\"}} 1\n", kVersion);
  ReloadStatus reload = session.reload_status();
  Gauge(&out, "rekindle_config_last_reload_successful",
        "1 if the configuration in the files is the one in force.",
        reload.ok ? 1 : 0);
  Gauge(&out, "rekindle_config_last_reload_success_timestamp_seconds",
        "When the configuration in force was loaded.",
        ToMillis(reload.running_since) / 1000.0);
  Gauge(&out, "rekindle_rules_loaded", "Rules in force.",
        session.configuration()->rules->rules.size());
  Gauge(&out, "rekindle_users", "User numbers given out.",
        session.engine().CountUsers());
  Gauge(&out, "rekindle_journal_events", "Raw events kept.",
        session.engine().journal().stats().events);
  Touches(&out, session);
  out += ChannelMetrics(session);
  Slots(&out, session);
  WaitingForPeople(&out, session);
  NoticeStates(&out, session);
  if (intake != nullptr) IntakeMetrics(&out, *intake);
  const auto polled = poller.Stats();
  if (intake != nullptr || !polled.empty()) Receipts(&out, session, receipts);
  Polls(&out, polled);
  return out;
}

}  // namespace rekindle
