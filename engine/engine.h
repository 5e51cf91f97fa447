// The embedded engine: takes events in, keeps them, answers questions.
//
//   import / intake -> Append -> journal.db -> columns, goals
//   At(as_of)       -> Snapshot (Facts) -> conditions, states, exports
//   ledger()        -> touches, slots, outcomes
//
// One process owns a data folder: Open takes a lock file and refuses a folder
// in use (kConflict).
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/columns/column_store.h"
#include "engine/fill/back_filler.h"
#include "engine/intake/message.h"
#include "engine/journal/journal.h"
#include "engine/ledger/ledger.h"
#include "engine/model/settings.h"
#include "engine/standings/standing_store.h"
#include "engine/store/folder_lock.h"
#include "engine/store/reader_pool.h"
#include "engine/store/store.h"
#include "engine/users/forgotten_ids.h"
#include "engine/users/user_directory.h"

namespace rekindle {

// What became of one message handed to Append.
enum class Intake : uint8_t { kAccepted, kDuplicate, kRejected };
struct IntakeOutcome {
  Intake what = Intake::kAccepted;
  // Of a rejection, for people; of an accepted message, why an address in it
  // was left out.
  std::string reason;
};

// When the columns of new or changed behaviors are filled from raw events.
enum class BackFill : uint8_t {
  kAtOnce,        // before Open or Adopt returns
  kInBackground,  // meanwhile Filling() names them
};

// Thread-safe: Append and the other writers exclude snapshots; snapshots share.
class Engine {
 public:
  // Opens or creates the folder, loads the columns, applies the journal's tail
  // and rebuilds what a changed configuration made stale (a new behavior, a
  // changed definition or time zone) from the raw events.
  static Result<std::unique_ptr<Engine>> Open(
      const std::filesystem::path& data_dir,
      std::shared_ptr<const EngineSettings> settings,
      BackFill back_fill = BackFill::kAtOnce);
  ~Engine();

  // A reload may put others in their place at any time. Whoever uses them for
  // longer than one expression holds them:
  //   const auto settings = engine.settings();
  //   const Calendar& calendar = settings->calendar;
  // A snapshot holds those that its answers come from.
  std::shared_ptr<const EngineSettings> settings() const;
  using WriteAlso = std::function<void(SQLite::Database&)>;
  // After a reload: the new settings, with the same back-fill as Open. `also`
  // writes in the transaction in which they come into force. Where this throws,
  // all is as before: the old settings and columns, and what was being filled
  // begins again.
  void Adopt(std::shared_ptr<const EngineSettings> settings,
             const WriteAlso& also = {});

  // Behaviors whose columns are not whole yet: what depends on them must wait.
  // Nothing is pruned meanwhile.
  struct Filling {
    std::vector<BehaviorIndex> behaviors;
    std::string names;    // theirs, for people: "a, b"
    double progress = 1;  // 0 to 1
    bool Has(BehaviorIndex behavior) const;
  };
  Filling filling() const;
  // kConflict with the names and the progress while anything is filled.
  Status CheckFilled() const;

  // --- intake. Durable when it returns; one outcome a message, in order.
  // `now` judges what lies too far in the future (over 24 hours: rejected).
  std::vector<IntakeOutcome> Append(std::span<const MessageView> messages,
                                    Instant now);
  std::vector<IntakeOutcome> Append(std::span<const Message> messages,
                                    Instant now);
  // The same in two steps, so that one thread begins while another waits for
  // the disk. The outcomes stand when the second returns; where it throws, the
  // messages may be in or not, and those with an id may be sent again.
  // `messages` need not outlive the first.
  struct Appended {
    std::vector<IntakeOutcome> outcomes;
    JournalPosition position = 0;
  };
  Appended BeginAppend(std::span<const MessageView> messages, Instant now);
  std::vector<IntakeOutcome> FinishAppend(Appended appended);
  // Reads the recent message ids and begins the filter of the older, which the
  // first append does otherwise while its callers wait. Throws where they are
  // damaged.
  void PrepareForEvents();
  // One row of a users file: profile keys as a JSON object's text.
  Status PutUser(std::string_view user_id, std::string_view json_object);
  Status PutTag(std::string_view user_id, const std::string& tag, bool present);
  // Many of the two above in one transaction.
  struct UserRow {
    std::string user_id;
    std::string json_object;                             // may be "{}"
    std::vector<std::pair<std::string, bool>> tags;      // tag, present
    std::vector<std::pair<std::string, bool>> consents;  // topic, granted
  };
  // `dropped` gets a text a row: why addresses were left out, or nothing.
  std::vector<Status> PutUsers(std::span<const UserRow> rows,
                               std::vector<std::string>* dropped = nullptr);

  // --- questions. A snapshot sees what is durable (as long as the disk takes
  // it), and holds a shared lock while it lives: keep it for the job at hand
  // only, and do not write (Append, Put.., Adopt, Forget, Checkpoint,
  // Recompute) on the same thread meanwhile.
  std::unique_ptr<Snapshot> At(Instant as_of) const;
  // Numbers given out to users. No snapshot may be held on the same thread.
  uint32_t CountUsers() const;

  // Thread-safe, but what names users (touches with their ids, receipts) takes
  // a snapshot held meanwhile.
  Ledger& ledger() { return *ledger_; }
  const Journal& journal() const { return *journal_; }
  Store& store() { return *store_; }
  // REQUIRES: nobody writes meanwhile. Else use a snapshot's.
  const UserDirectory& users() const { return *users_; }
  const ActivityColumns& columns() const { return *columns_; }
  const std::filesystem::path& data_dir() const { return data_dir_; }

  // --- chores
  // Stores states and labels as of the instant with their history (user, from,
  // to, since) and segments; only what changed is written. Returns how many
  // users changed in state, substate or labels.
  int64_t Recompute(Instant as_of);
  // Matches events that the journal already holds, from the instant on, with
  // the goals of open touches: after touches were planned or imported for an
  // instant in the past.
  void MatchGoalsSince(Instant from);
  // Saves changed blocks with the journal position they reflect, while intake
  // and questions go on; then drops old months from memory.
  void Checkpoint();
  // The same where it is time for one: after so many events. One that fails is
  // logged and tried again. Append does it; whoever appends in two steps has
  // to.
  void CheckpointIfDue();
  bool CheckpointIsDue() const;
  // Where somebody came upon a block of days that is damaged on disk: makes
  // what is damaged of its column anew from the raw events that are kept, while
  // everything else waits. Where it throws, all stays as it was.
  // std::runtime_error, with what is damaged, where they are not kept.
  void MendColumns();
  // Drops raw events older than `retention.raw_events`, and the oldest beyond
  // `retention.max_size`, by whole batches; what they said stays in the
  // columns. Blocks of days that nothing could mend afterwards are verified
  // first, while intake and questions go on, and mended where they are damaged;
  // where that fails nothing goes, and an error is logged (one a day at most,
  // by the newest event). Returns how many went.
  int64_t PruneRawEvents();
  // Merges the journal's small batches, and gives free space back. Returns how
  // many batches were merged.
  int64_t CompactJournal(Journal::Flushing flushing);
  // Verifies every checksum of the folder's files, while intake and questions
  // go on; empty where all is well, else what is damaged, for people.
  std::vector<std::string> CheckFiles();
  // Erases a person: raw events, columns, profile, touches; the id's salted
  // hash keeps them out. kNotFound where unknown.
  Status Forget(std::string_view user_id);

 private:
  Engine() = default;

  // What a checkpoint writes.
  struct Unsaved {
    JournalPosition position = 0;
    std::vector<BehaviorIndex> behaviors;
    std::vector<ColumnChanges> columns;  // of the behaviors
    std::vector<UserNumber> merges;
    bool moved = false;  // see unsaved_moves_
  };
  // The columns as they stand on disk.
  struct LoadedColumns {
    std::unique_ptr<ActivityColumns> columns;
    // By behavior: the position its column reflects, 0 where there is none or
    // it is damaged.
    std::vector<JournalPosition> reflects;
    std::vector<DamagedBlock> damaged;
  };
  struct BuiltColumns {
    std::unique_ptr<ActivityColumns> columns;
    std::vector<FillTask> left;  // for StartFilling
    bool unsaved = false;        // see unsaved_
  };

  // --- without locks: what is asked is the store and the journal alone
  static int32_t InMemoryFrom(const EngineSettings& settings,
                              int32_t newest_month);
  static ColumnKey KeyOf(const EngineSettings& settings, BehaviorIndex b);
  static std::vector<BehaviorIndex> BehaviorsOf(const EngineSettings& settings,
                                                const ColumnKey& column);
  static bool SameColumns(const EngineSettings& a, const EngineSettings& b);
  JournalPosition SavedPosition() const;
  LoadedColumns LoadColumns(const EngineSettings& settings) const;
  // What happened after the position, for the columns.
  FilledColumns ReadTail(const EngineSettings& settings,
                         JournalPosition after) const;
  // std::runtime_error where raw events that a damaged block came from were
  // pruned.
  void CheckCanRebuild(const std::vector<DamagedBlock>& damaged,
                       const Calendar& calendar) const;
  // Blocks of the columns that are damaged on disk, and can be mended only as
  // long as these events are kept. REQUIRES: checkpoint_mutex_ is held.
  std::vector<DamagedBlock> DamagedThatNeed(
      const Journal::Prunable& events) const;
  // All that the columns reflect is durable when it returns. A sync that failed
  // is made good; throws where it cannot be.
  void MakeDurable() const;
  void WriteUnsaved(const Unsaved& taken, bool at_once);
  // As they are stored; mended where they are damaged.
  StoredStandings ReadStandings();

  // --- these take writers_ and mutex_, or wait for who does. REQUIRES: the
  // caller holds neither.
  void OpenFiles();
  void SaveMeanwhile();  // REQUIRES: checkpoint_mutex_ is held
  void ReleaseOldMonths();
  void FinishFilling(FilledColumns found);
  // What retention drops now, where it drops anything. REQUIRES:
  // checkpoint_mutex_ is held.
  std::optional<Journal::Prunable> FindPrunable();
  std::vector<FillTask> FillTasks() const;  // of what is being filled in
  // Waits for FinishFilling where it has begun. True where something is left
  // unfinished.
  bool StopFilling();

  // --- these take mutex_. REQUIRES: writers_ is held.
  // Runs `write` with mutex_ held; where it fails, the next one begins with
  // Recover.
  template <class Write>
  void Change(Write&& write);
  void RecoverFirst();  // where there is something to recover

  // --- REQUIRES: writers_ is held, and mutex_ at least shared
  Unsaved TakeUnsaved();
  void GiveBackUnsaved(const Unsaved& taken);
  // All of it before anything else happens. `at_once`: see WriteChanges.
  // REQUIRES: no checkpoint is under way.
  void SaveState(bool at_once = false);

  // --- REQUIRES: writers_ is held, and mutex_ exclusively
  Status PutRow(SQLite::Database& db, const UserRow& row, std::string* dropped);
  // Writes what goals were reached.
  void SaveGoals(const std::vector<GoalEvent>& reached);
  void TellKeysTakenOut(const std::vector<std::string>& keys, Instant now);
  // Users' days, where another calendar cut them; in one transaction with what
  // `also` writes. Where it fails, Recover makes good what users say.
  void RecutDays(const Calendar& calendar, const WriteAlso& also = {});
  // What users and ledger have of the events after the position: first events
  // are noted, goals that may be reached are given back.
  std::vector<GoalEvent> NoteTail(const EngineSettings& settings,
                                  JournalPosition after);
  // `tail`: what came after SavedPosition(). A block that turns out to be
  // damaged is made anew from raw events.
  BuiltColumns BuildColumns(const EngineSettings& settings,
                            LoadedColumns loaded, FilledColumns tail);
  // The same; throws DamagedBlockError.
  BuiltColumns TryBuildColumns(const EngineSettings& settings,
                               LoadedColumns loaded, FilledColumns tail);
  // They take the place of those there were.
  void Install(BuiltColumns built);
  void UndoAdopt();  // where it failed
  // Merges that the columns on disk do not show yet.
  void ApplyUnsavedMerges(ActivityColumns* columns);
  // Every merge there was, in the columns of these behaviors.
  void ApplyAllMerges(ActivityColumns* columns,
                      const std::vector<BehaviorIndex>& behaviors);
  // The damaged blocks of a column are found anew from raw events; the next
  // checkpoint writes them. std::runtime_error where those are gone.
  void RebuildColumn(const ColumnKey& column);
  // The same for some blocks of masks, whose raw events are kept.
  void RebuildBlocks(const ColumnKey& column,
                     const std::vector<DamagedBlock>& damaged);
  // The same for blocks of any kind and column, before their raw events go.
  // False where that fails, which is logged.
  bool MendBeforePruning(const std::vector<DamagedBlock>& damaged);
  // Moves days of merged users out of the blocks that are found anew.
  void JoinMovedDays(const ActivityColumns& anew,
                     const std::vector<BehaviorIndex>& behaviors,
                     const std::vector<DamagedBlock>& damaged);
  // After a change that failed half-way: what is in the journal becomes
  // durable, and memory what the files say. Where it throws, the next one tries
  // again; nothing derived is saved before it is done.
  void Recover();
  // Of the settings in force. Logs a failure: the next reload begins it again.
  void StartFilling(std::vector<FillTask> tasks);
  void RestartFilling();  // what was stopped
  // What was found joins the columns, merges followed.
  void JoinFilled(FilledColumns found, ActivityColumns* columns) const;
  // Numbers whose raw events and days are not all erased yet.
  static std::vector<UserNumber> UnfinishedErasures(SQLite::Database& db);
  void FinishErasures();
  void EraseFromStoredColumns(std::span<const UserNumber> numbers);

  mutable Workers workers_;  // for scans, for judging messages, for packing
  mutable SetMemory set_memory_;
  std::filesystem::path data_dir_;
  std::optional<FolderLock> lock_;
  mutable std::mutex settings_mutex_;  // guards the pointer below
  std::shared_ptr<const EngineSettings> settings_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ReaderPool> block_readers_;  // for months left on disk
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<UserDirectory> users_;
  std::unique_ptr<ForgottenIds> forgotten_;
  std::unique_ptr<ActivityColumns> columns_;
  std::unique_ptr<Ledger> ledger_;

  // Lock order: recompute_mutex_, checkpoint_mutex_, writers_, mutex_, the
  // store, the journal. Holding any of them the journal's sync may be waited
  // for: that takes none.
  std::mutex writers_;               // one writer (of any kind) at a time
  mutable std::shared_mutex mutex_;  // shared: snapshots; exclusive: changes
  std::mutex recompute_mutex_;       // before writers_; guards the next
  std::optional<StoredStandings> standings_;  // read at first use
  std::mutex checkpoint_mutex_;       // before writers_; guards the next
  std::optional<LocalDay> told_day_;  // of the newest event: MendBeforePruning
  // These are guarded by writers_.
  JournalPosition applied_ = 0;  // what the columns reflect
  std::atomic<int64_t> events_since_save_ = 0;
  std::vector<UserNumber> unsaved_merges_;  // as in the table of that name
  bool unsaved_moves_ = false;  // of days to those whom others were merged into
  std::vector<UserNumber> erased_while_filling_;
  BackFill back_fill_ = BackFill::kAtOnce;
  bool unsaved_ = false;
  bool in_doubt_ = false;  // a change failed half-way: see Recover
  Instant keys_told_at_{};

  mutable std::mutex damaged_mutex_;  // after all others; guards the next
  mutable std::optional<ColumnKey> damaged_;  // that somebody came upon

  mutable std::mutex filling_mutex_;  // after all others; guards the next three
  Filling filling_;                   // but for the progress
  std::vector<FillTask> fill_tasks_;  // the same
  std::unique_ptr<BackFiller> filler_;
};

}  // namespace rekindle
