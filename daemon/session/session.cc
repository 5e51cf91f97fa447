#include "daemon/session/session.h"

#include <spdlog/spdlog.h>

#include <unordered_set>

#include "config/base/words.h"
#include "daemon/session/notifier.h"
#include "engine/ledger/closed_touches.h"
#include "engine/ledger/rule_versions.h"
#include "rules/defer_closed.h"

namespace rekindle {
namespace {

std::unordered_set<std::string> LiveRules(const RuleSet& rules) {
  std::unordered_set<std::string> ids;
  for (const Rule& rule : rules.rules) {
    if (rule.enabled) ids.insert(rule.id);
  }
  return ids;
}

std::map<std::string, std::string> VersionsIn(const RuleSet& rules) {
  std::map<std::string, std::string> versions;
  for (const Rule& rule : rules.rules) versions[rule.id] = rule.version;
  return versions;
}

Result<std::shared_ptr<const Configuration>> Load(
    const std::filesystem::path& file) {
  try {
    yaml::Diagnostics d;
    auto loaded = LoadConfiguration(file, d);
    if (!loaded) return Fail(ErrorKind::kConfiguration, d.Render());
    return loaded;
  } catch (const std::exception& e) {
    return Fail(ErrorKind::kIo, e.what());
  }
}

std::string NeedsRestart(const Configuration& was, const Configuration& is) {
  std::vector<std::string> changed;
  if (was.data_dir != is.data_dir) changed.push_back("data_dir");
  if (was.pages != is.pages) changed.push_back("pages.listen");
  if (was.intake.has_value() != is.intake.has_value()) {
    changed.push_back("intake");
  } else if (was.intake && was.intake->listen != is.intake->listen) {
    changed.push_back("intake.listen");
  }
  return Join(changed, ", ");
}

}  // namespace

Result<std::unique_ptr<Session>> Session::Open(
    std::shared_ptr<const Configuration> configuration, const Clock& clock,
    BackFill back_fill) {
  auto engine =
      Engine::Open(configuration->data_dir, configuration->engine, back_fill);
  if (!engine) return tl::make_unexpected(engine.error());
  std::unique_ptr<Session> session(
      new Session(std::move(configuration), clock, std::move(*engine)));
  const auto versions = VersionsIn(*session->configuration()->rules);
  session->engine_->store().Write(
      [&](SQLite::Database& db) { NoteVersions(db, versions, clock.Now()); });
  int64_t interrupted = session->engine_->ledger().MarkInterrupted(clock.Now());
  if (interrupted > 0) {
    spdlog::warn(
        "{} touches were under way when the last process ended; they "
        "are unknown until settled",
        interrupted);
  }
  return session;
}

Session::Session(std::shared_ptr<const Configuration> configuration,
                 const Clock& clock, std::unique_ptr<Engine> engine)
    : clock_(clock),
      engine_(std::move(engine)),
      dispatcher_(*engine_, clock),
      configuration_(std::move(configuration)) {
  reload_.at = reload_.running_since = clock.Now();
}

std::shared_ptr<const Configuration> Session::configuration() const {
  std::lock_guard lock(mutex_);
  return configuration_;
}

ReloadStatus Session::reload_status() const {
  std::lock_guard lock(mutex_);
  return reload_;
}

ReloadStatus Session::Reload() {
  const auto was = configuration();
  auto loaded = Load(was->file);
  // A tick under way keeps the rules it began with; the next takes the new.
  std::lock_guard planning(planning_);
  std::lock_guard changing(in_force_);
  const Instant now = clock_.Now();
  Status taken = loaded ? TakeOver(**loaded, now)
                        : Status(tl::make_unexpected(loaded.error()));
  std::lock_guard lock(mutex_);
  reload_.at = now;
  reload_.ok = taken.has_value();
  reload_.errors = taken ? "" : taken.error().message;
  if (!taken) {
    spdlog::error("reload failed, the old configuration stays in force:\n{}",
                  reload_.errors);
    return reload_;
  }
  std::string restart = NeedsRestart(*was, **loaded);
  if (!restart.empty()) {
    spdlog::warn("reload: a change of {} takes a restart", restart);
  }
  reload_.running_since = reload_.at;
  configuration_ = *loaded;
  spdlog::info("reload: {}", Describe(**loaded));
  return reload_;
}

Status Session::TakeOver(const Configuration& loaded, Instant now) {
  try {
    const auto versions = VersionsIn(*loaded.rules);
    engine_->Adopt(loaded.engine, [&](SQLite::Database& db) {
      NoteVersions(db, versions, now);
    });
    return {};
  } catch (const std::exception& e) {
    return Fail(ErrorKind::kIo,
                std::string("the files are in order, but could not be taken "
                            "over: ") +
                    e.what());
  }
}

std::vector<SlotPlan> Session::Plan(Instant as_of, const Planner::Ask& ask) {
  std::shared_lock in_force(in_force_);
  auto c = configuration();
  return Planner(*engine_, c->rules, c->channel_facts).Plan(as_of, ask);
}

std::vector<SlotPlan> Session::Run(Instant as_of, const Planner::Ask& ask) {
  std::lock_guard planning(planning_);
  std::shared_lock in_force(in_force_);
  auto c = configuration();
  return Planner(*engine_, c->rules, c->channel_facts).Run(as_of, ask);
}

std::vector<Planner::Explanation> Session::Explain(
    UserNumber user, Instant as_of, const std::optional<std::string>& rule_id) {
  std::shared_lock in_force(in_force_);
  auto c = configuration();
  return Planner(*engine_, c->rules, c->channel_facts)
      .Explain(user, as_of, rule_id);
}

std::mutex& Session::ChannelMutex(const std::string& id) {
  std::lock_guard lock(mutex_);
  auto& mutex = channel_mutexes_[id];
  if (!mutex) mutex = std::make_unique<std::mutex>();
  return *mutex;
}

DispatchSummary Session::Dispatch(const Channel& channel, const Clock& clock,
                                  DeliveryControl control) {
  std::lock_guard lock(ChannelMutex(channel.id));
  int64_t broken_off =
      engine_->ledger().MarkInterrupted(clock.Now(), channel.id);
  if (broken_off > 0) {
    spdlog::warn(
        "channel {}: {} touches were under way when sending broke "
        "off; they are unknown until settled",
        channel.id, broken_off);
  }
  const auto current = configuration();
  rekindle::SendNotices(*engine_, *current, channel, clock);
  PutOffClosed(channel.claim(), *current, clock.Now());
  control.live_rules = [this] { return LiveRules(*configuration()->rules); };
  if (&clock == &clock_) return dispatcher_.SendDue(channel, control);
  return Dispatcher(*engine_, clock).SendDue(channel, control);
}

void Session::PutOffClosed(const ClaimChannel& channel,
                           const Configuration& configuration, Instant now) {
  // Seldom: what is planned meanwhile does not hold up the rest.
  if (!AnyClosed(engine_->store(), channel, now)) return;
  std::lock_guard planning(planning_);
  const int64_t deferred =
      DeferClosed(*engine_, *configuration.rules, channel, now);
  if (deferred > 0) {
    spdlog::info(
        "channel {}: {} touches did not leave before their window closed or "
        "their day ended, and wait again",
        channel.id, deferred);
  }
}

void Session::SendNotices(const Channel& channel, const Clock& clock) {
  std::lock_guard lock(ChannelMutex(channel.id));
  rekindle::SendNotices(*engine_, *configuration(), channel, clock);
}

}  // namespace rekindle
