#include "daemon/pages/metrics.h"

#include <fmt/format.h>

#include "daemon/version.h"

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
// what their parser already allows.
void Touches(std::string* out, Session& session) {
  Family(out, "rekindle_touches", "gauge", "Touches in the ledger by state.");
  for (const auto& [state, count] :
       session.engine().ledger().CountByState(std::nullopt, std::nullopt)) {
    *out += fmt::format("rekindle_touches{{state=\"{}\"}} {}\n",
                        TouchStateName(state), count);
  }
}

void Channels(std::string* out, Session& session) {
  Family(out, "rekindle_channel_circuit_open", "gauge",
         "1 while the channel is stopped after an account failure.");
  auto open = session.OpenCircuits();
  for (const Channel& channel : session.configuration()->channels) {
    *out += fmt::format("rekindle_channel_circuit_open{{channel=\"{}\"}} {}\n",
                        channel.id, open.contains(channel.id) ? 1 : 0);
  }
}

}  // namespace

std::string MetricsText(Session& session) {
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
        session.engine().users().size());
  Gauge(&out, "rekindle_journal_events", "Raw events kept.",
        session.engine().journal().stats().events);
  Touches(&out, session);
  Channels(&out, session);
  return out;
}

}  // namespace rekindle
