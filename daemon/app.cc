#include "daemon/app.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace rekindle {

Result<std::unique_ptr<App>> App::Start(const std::filesystem::path& file,
                                        const Clock& clock) {
  yaml::Diagnostics diagnostics;
  auto configuration = LoadConfiguration(file, diagnostics);
  if (!configuration) {
    return Fail(ErrorKind::kConfiguration, diagnostics.Render());
  }
  auto session = Session::Open(configuration, clock, BackFill::kInBackground);
  if (!session) return tl::make_unexpected(session.error());
  std::unique_ptr<App> app(new App(std::move(*session)));

  app->deliverer_ = std::make_unique<Deliverer>(*app->session_);
  app->channel_watch_ = std::make_unique<ChannelWatch>(*app->session_);
  app->scheduler_ = std::make_unique<Scheduler>(
      *app->session_,
      [deliverer = app->deliverer_.get()] { deliverer->Wake(); });
  app->receipts_ = std::make_unique<ReceiptCommitter>(app->session_->engine(),
                                                      app->session_->clock());
  if (Status s = app->StartIntake(); !s) return tl::make_unexpected(s.error());
  app->receipt_poller_ =
      std::make_unique<ReceiptPoller>(*app->session_, *app->receipts_);
  auto pages =
      PagesServer::Start(*app->session_, *app->scheduler_, app->intake_.get(),
                         *app->receipt_poller_, app->receipts_->stats());
  if (!pages) return tl::make_unexpected(pages.error());
  app->pages_ = std::move(*pages);
  auto control = ControlServer::Start(*app->session_);
  if (!control) return tl::make_unexpected(control.error());
  app->control_ = std::move(*control);
  spdlog::info("running: {}; pages on http://{}:{}", Describe(*configuration),
               configuration->pages.host, app->pages_port());
  return app;
}

App::App(std::unique_ptr<Session> session) : session_(std::move(session)) {}

Status App::StartIntake() {
  auto configuration = session_->configuration();
  if (!configuration->intake) return {};
  auto intake =
      IntakeServer::Start(*session_, *configuration->intake, *receipts_);
  if (!intake) return tl::make_unexpected(intake.error());
  intake_ = std::move(*intake);
  return {};
}

App::~App() {
  if (intake_) intake_->Drain();
  control_.reset();
  pages_.reset();
  receipt_poller_.reset();
  intake_.reset();
  receipts_.reset();  // after the intake and the poller, which use it
  scheduler_.reset();
  channel_watch_.reset();
  deliverer_.reset();
  try {
    session_->engine().Checkpoint();
  } catch (const std::exception& e) {
    // Nothing is lost: the journal's tail is applied again at the next start.
    spdlog::error("the last checkpoint failed: {}", e.what());
  }
}

ReloadStatus App::Reload() {
  ReloadStatus status = session_->Reload();
  if (status.ok) {
    auto configuration = session_->configuration();
    if (intake_ && configuration->intake) {
      intake_->Adopt(*configuration->intake);
    }
    deliverer_->Sync();
    receipt_poller_->Sync();
    scheduler_->Wake();
  }
  return status;
}

std::string App::StatusLine() const {
  ReloadStatus reload = session_->reload_status();
  return fmt::format(
      "{}{}", Describe(*session_->configuration()),
      reload.ok ? "" : "; last reload FAILED, old rules in force");
}

bool App::Alive() const {
  using namespace std::chrono_literals;
  return session_->clock().Now() - scheduler_->health().last_step < 60s;
}

}  // namespace rekindle
