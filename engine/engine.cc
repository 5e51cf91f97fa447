#include "engine/engine.h"

#include <spdlog/spdlog.h>

#include <future>
#include <system_error>
#include <utility>

#include "engine/store_schema.h"
#include "engine/users/user_check.h"

namespace rekindle {

Result<std::unique_ptr<Engine>> Engine::Open(
    const std::filesystem::path& data_dir,
    std::shared_ptr<const EngineSettings> settings, BackFill back_fill) {
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  if (error) {
    return Fail(ErrorKind::kIo, "cannot make the data folder " +
                                    data_dir.string() + ": " + error.message());
  }
  auto lock = FolderLock::Take(data_dir);
  if (!lock) return tl::make_unexpected(lock.error());

  std::unique_ptr<Engine> engine(new Engine);
  engine->data_dir_ = data_dir;
  engine->lock_ = std::move(*lock);
  engine->settings_ = std::move(settings);
  engine->back_fill_ = back_fill;
  try {
    engine->OpenFiles();
  } catch (const std::exception& e) {
    return Fail(ErrorKind::kIo, "cannot open the data folder " +
                                    data_dir.string() + ": " + e.what());
  }
  return engine;
}

void Engine::OpenFiles() {
  // A filling that is over at once waits for the columns to be there.
  std::lock_guard writing(writers_);
  std::unique_lock lock(mutex_);
  // What does not need one another is read side by side: users on this thread,
  // what happened after the columns were saved once the journal is open.
  const std::filesystem::path events = data_dir_ / "journal.db";
  const auto open_journal = [this, events] {
    journal_ = std::make_unique<Journal>(events);
    journal_->ReadIdsAhead();
  };
  std::shared_future<void> journal;
  // Not even a schema is in an empty one.
  std::error_code missing;
  if (std::filesystem::file_size(events, missing) > 0 && !missing) {
    journal = std::async(std::launch::async, open_journal);
  }
  store_ = std::make_unique<Store>(data_dir_ / "store.db", StoreMigrations());
  const JournalPosition saved = SavedPosition();
  if (!journal.valid()) {
    // Made anew, it would take what it had for never seen.
    if (saved > 0) {
      throw std::runtime_error(events.string() +
                               (missing ? " is missing" : " is empty") +
                               ", and store.db is there: put the data folder "
                               "back from a backup");
    }
    journal = std::async(std::launch::async, open_journal);
  }
  block_readers_ = std::make_unique<ReaderPool>(data_dir_ / "store.db");
  auto columns = std::async(std::launch::async,
                            [this] { return LoadColumns(*settings_); });
  auto tail = std::async(std::launch::async, [this, journal, saved] {
    journal.get();
    return ReadTail(*settings_, saved);
  });
  users_ = std::make_unique<UserDirectory>(*store_);
  RecutDays(settings_->calendar);
  forgotten_ = std::make_unique<ForgottenIds>(*store_);
  ledger_ = std::make_unique<Ledger>(*store_, *users_);
  journal.get();
  SaveGoals(NoteTail(*settings_, saved));
  Install(BuildColumns(*settings_, columns.get(), tail.get()));
  try {
    FinishErasures();
  } catch (const std::exception& e) {
    // They stay noted, and everything else can go on.
    spdlog::error(
        "forgetting that was begun cannot be finished: {}; it is tried again "
        "by the next forget and at the next start",
        e.what());
  }
  // What was made anew is saved by the next checkpoint: until then the journal
  // would give it once more.
}

Engine::~Engine() {
  StopFilling();
  // It did not open, or memory holds half a change.
  if (!columns_ || in_doubt_) return;
  try {
    SaveState();
  } catch (const std::exception& e) {
    // Nothing is lost: the journal's tail is applied again at the next start.
    spdlog::error("the activity columns could not be saved: {}", e.what());
  }
}

std::shared_ptr<const EngineSettings> Engine::settings() const {
  std::lock_guard lock(settings_mutex_);
  return settings_;
}

std::unique_ptr<Snapshot> Engine::At(Instant as_of) const {
  std::shared_lock lock(mutex_);
  try {
    // Whatever comes of an answer should not know more than a restart will.
    MakeDurable();
  } catch (const std::exception&) {
    // Whoever appended was told. The pages go on.
  }
  FactSources sources{settings(),          users_.get(), columns_.get(),
                      journal_.get(),      &workers_,    &set_memory_,
                      block_readers_.get()};
  return std::make_unique<Snapshot>(std::move(sources), as_of, std::move(lock));
}

uint32_t Engine::CountUsers() const {
  std::shared_lock lock(mutex_);
  return users_->size();
}

int64_t Engine::CompactJournal(Journal::Flushing flushing) {
  JournalPosition saved;
  {
    std::lock_guard one(checkpoint_mutex_);
    std::lock_guard writing(writers_);
    RecoverFirst();
    std::shared_lock lock(mutex_);
    SaveState();  // what is merged is not read again as a tail
    saved = applied_;
    journal_->FlushIds(flushing);
  }
  int64_t all = 0;
  // Appends come between.
  for (int64_t merged = -1; merged != 0;) {
    std::lock_guard writing(writers_);
    merged = journal_->Compact(saved);
    all += merged;
  }
  journal_->GiveBackSpace();
  return all;
}

std::vector<std::string> Engine::CheckFiles() {
  std::vector<std::string> damages = journal_->Check();
  auto reader = block_readers_->Take();
  SQLite::Database& db = reader.db();
  for (auto& found : {CheckColumns(db, workers_), CheckUsers(db, workers_),
                      SlotBook::CheckSkips(db), CheckStandings(db)}) {
    damages.insert(damages.end(), found.begin(), found.end());
  }
  return damages;
}

}  // namespace rekindle
