// rekindled: the service. Flags and signals to an App, nothing more.
#include <fmt/format.h>
#include <signal.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "daemon/app.h"
#include "daemon/service/notify.h"
#include "daemon/session/version.h"

namespace {

using namespace rekindle;

// Under systemd to the journal, else to standard error.
void StartLogging(const std::string& level) {
  if (std::getenv("JOURNAL_STREAM")) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "rekindled",
        std::make_shared<spdlog::sinks::systemd_sink_mt>("rekindled")));
  } else {
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  }
  spdlog::set_level(spdlog::level::from_str(level));
}

sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, s);
  // Before any thread starts, so that all of them inherit it.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // SIGUSR1 asks services to open their log files anew, which this one has
  // none of: it writes to the journal or to standard error.
  for (int s : {SIGPIPE, SIGUSR1, SIGUSR2}) signal(s, SIG_IGN);
  return signals;
}

void Reload(App& app) {
  service::Reloading();
  app.Reload();
  service::Ready(app.StatusLine());
}

// Returns on SIGTERM or SIGINT.
void WaitForEnd(App& app, const sigset_t& signals) {
  auto interval = service::WatchdogInterval();
  timespec pause{.tv_sec = 1, .tv_nsec = 0};
  if (interval && *interval < std::chrono::seconds(1)) {
    pause = {.tv_sec = 0, .tv_nsec = interval->count() * 1000};
  }
  while (true) {
    int signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP) Reload(app);
    if (interval && app.Alive()) service::KeepAlive();
  }
}

// While draining, a second SIGTERM ends at once.
void LetSecondSignalKill(const sigset_t& signals) {
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

int Serve(const std::string& asked) {
  SystemClock clock;
  sigset_t signals = BlockSignals();
  auto file = FindConfiguration(asked);
  auto app =
      file ? App::Start(*file, clock)
           : Result<std::unique_ptr<App>>(tl::make_unexpected(file.error()));
  if (!app) {
    fmt::print(stderr, "{}\n", app.error().message);
    return app.error().kind == ErrorKind::kConfiguration ? 2 : 1;
  }
  service::Ready((*app)->StatusLine());
  WaitForEnd(**app, signals);
  service::Stopping();
  spdlog::info("stopping: finishing what is under way");
  LetSecondSignalKill(signals);
  app->reset();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli(
      "Rekindle's service: recomputes, runs the rules, serves the "
      "pages.\nExample: rekindled --config /etc/rekindle/rekindle.yaml");
  std::string config;
  std::string level = "info";
  cli.add_option("--config", config,
                 "the settings file (default ./rekindle.yaml, then "
                 "/etc/rekindle/rekindle.yaml)");
  cli.add_option("--log-level", level, "trace, debug, info, warn or error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}));
  cli.set_version_flag("--version", kVersion);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : 2;
  }
  StartLogging(level);
  umask(umask(0077) | 0027);  // what users did is nobody else's business
  try {
    return Serve(config);
  } catch (const std::exception& e) {
    fmt::print(stderr, "rekindled: {}\n", e.what());
    return 1;
  }
}
