#include "engine/intake/importer.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "config/base/in_order.h"
#include "engine/intake/dead_letter.h"
#include "engine/intake/import_receipts.h"
#include "engine/intake/import_touches.h"
#include "engine/intake/row_source.h"
#include "engine/users/forgotten_ids.h"

namespace rekindle {
namespace {

constexpr size_t kBatchRows = 32768;
constexpr size_t kBatchBlocks = 64;  // where rows are long, or mostly refused
// Of blocks: the next batch is read while one is taken in.
constexpr size_t kBlocksAhead = 12;
constexpr size_t kErrorsTold = 10;

IntakeOutcome ToOutcome(const Status& status) {
  if (status) return {Intake::kAccepted, ""};
  return {Intake::kRejected, status.error().message};
}

std::vector<IntakeOutcome> ToOutcomes(const std::vector<Status>& statuses) {
  std::vector<IntakeOutcome> outcomes;
  outcomes.reserve(statuses.size());
  for (const Status& status : statuses) outcomes.push_back(ToOutcome(status));
  return outcomes;
}

// One import under way: gathers rows of one kind until there are enough, then
// hands them to the engine and counts what became of them.
class ImportRun {
 public:
  ImportRun(Engine& engine, const ImportRequest& request,
            const std::string& file_name, Instant now)
      : engine_(engine),
        request_(request),
        now_(now),
        dead_letters_(engine.data_dir(), file_name, now) {}

  // Calls `tell` after each batch that went in.
  template <class Tell>
  void Take(std::unique_ptr<RowBlock> block, Tell&& tell) {
    blocks_.push_back(std::move(block));
    for (SourceRow& row : blocks_.back()->rows) {
      if (Take(row)) tell(*blocks_.back());
    }
    if (origins_.empty()) blocks_.clear();
    if (blocks_.size() >= kBatchBlocks && Flush()) tell(*blocks_.back());
  }

  const ImportSummary& Finish() {
    Flush();
    dead_letters_.Sync();
    summary_.dead_letter = dead_letters_.path();
    return summary_;
  }

  int64_t read() const { return summary_.read; }

 private:
  // True where a batch went in.
  bool Take(SourceRow& row) {
    ++summary_.read;
    if (!row.row) {
      Reject(row, row.row.error().message);
      return false;
    }
    bool flushed = false;
    if (origins_.size() >= kBatchRows || row.row->index() != rows_.index()) {
      flushed = Flush();
    }
    origins_.push_back(&row);
    std::visit([this](auto& taken) { Gather(std::move(taken)); }, *row.row);
    return flushed;
  }

  // True where there was something to hand over.
  bool Flush() {
    if (origins_.empty()) return false;
    std::vector<IntakeOutcome> outcomes =
        std::visit([this](auto& rows) { return Put(rows); }, rows_);
    for (size_t i = 0; i < outcomes.size(); ++i) {
      Count(*origins_[i], std::move(outcomes[i]));
    }
    origins_.clear();
    std::visit([](auto& rows) { rows.clear(); }, rows_);
    // The last one is under way.
    blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    dead_letters_.Sync();
    return true;
  }

  template <class Row>
  void Gather(Row row) {
    using Rows = std::vector<Row>;
    if (!std::holds_alternative<Rows>(rows_)) rows_ = Rows();
    std::get<Rows>(rows_).push_back(std::move(row));
  }

  std::vector<IntakeOutcome> Put(const std::vector<MessageView>& rows) {
    return engine_.Append(rows, now_);
  }
  std::vector<IntakeOutcome> Put(const std::vector<Engine::UserRow>& rows) {
    std::vector<std::string> dropped;
    auto outcomes = ToOutcomes(engine_.PutUsers(rows, &dropped));
    for (size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].what == Intake::kAccepted) {
        outcomes[i].reason = std::move(dropped[i]);
      }
    }
    return outcomes;
  }
  std::vector<IntakeOutcome> Put(const std::vector<TouchInput>& rows) {
    return ToOutcomes(ImportTouches(engine_, rows, request_, now_));
  }
  std::vector<IntakeOutcome> Put(std::vector<Suppression>& rows) {
    engine_.store().Write([&](SQLite::Database& db) {
      for (Suppression& row : rows) {
        if (row.at == Instant()) row.at = now_;
        Consents::Suppress(db, row);
      }
    });
    return std::vector<IntakeOutcome>(rows.size());
  }

  std::vector<IntakeOutcome> Put(const std::vector<ReceiptInput>& rows) {
    return ImportReceipts(engine_, rows, now_);
  }

  void Count(const SourceRow& origin, IntakeOutcome outcome) {
    switch (outcome.what) {
      case Intake::kAccepted:
        ++summary_.accepted;
        if (outcome.reason.empty()) break;
        ++summary_.dropped;
        Tell(origin, std::move(outcome.reason));
        break;
      case Intake::kDuplicate:
        ++summary_.duplicate;
        break;
      case Intake::kRejected:
        Reject(origin, std::move(outcome.reason));
        break;
    }
  }

  void Reject(const SourceRow& origin, std::string reason) {
    ++summary_.rejected;
    Tell(origin, std::move(reason));
  }

  // The operator, and a dead letter, so that it can be mended.
  void Tell(const SourceRow& origin, std::string reason) {
    const RowContext& context = *origin.context;
    if (summary_.first_errors.size() < kErrorsTold) {
      summary_.first_errors.push_back(
          context.file + ":" + std::to_string(origin.line) + ": " + reason);
    }
    if (reason == kForgottenReason) return;
    dead_letters_.Write({context.file, origin.line, std::move(reason),
                         context.what, context.format, context.header,
                         std::string(origin.record)});
  }

  Engine& engine_;
  const ImportRequest& request_;
  const Instant now_;
  DeadLetterWriter dead_letters_;
  ImportSummary summary_;
  std::vector<std::unique_ptr<RowBlock>> blocks_;  // what the rows stand in
  std::vector<const SourceRow*> origins_;  // of rows_, in the same order
  std::variant<std::vector<MessageView>, std::vector<Engine::UserRow>,
               std::vector<TouchInput>, std::vector<Suppression>,
               std::vector<ReceiptInput>>
      rows_;  // alternatives in the order of InputRow
};

// Of the calling thread, for as long as it lives. Rows are read on all cores
// and taken in on one thread, which the others wait for in the end: it should
// not share its core with them.
void StandBehind() {
  constexpr int kBehind = 5;
  const int own = getpriority(PRIO_PROCESS, 0);
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), own + kBehind);
}

Error BrokenOff(const Error& error, const ImportSummary& summary) {
  std::string message =
      error.message + "; the " + std::to_string(summary.read) +
      " rows before it are in: " + std::to_string(summary.accepted) +
      " accepted, " + std::to_string(summary.duplicate) + " duplicate, " +
      std::to_string(summary.rejected) + " rejected";
  return {error.kind, message};
}

}  // namespace

Result<ImportSummary> Import(
    Engine& engine, InputFile& file, const ImportRequest& request, Instant now,
    const std::function<void(const ImportProgress&)>& progress) {
  ImportFormat format = request.format.value_or(FormatOfFile(file.name()));
  Result<std::unique_ptr<RowSource>> source =
      OpenRows(file, request.what, format, engine.settings().calendar, now);
  if (!source) return tl::make_unexpected(source.error());

  ImportRun run(engine, request, file.name(), now);
  const auto tell = [&](int64_t bytes_read) {
    if (progress) progress({bytes_read, file.size(), run.read()});
  };
  const auto make_worker = [&] {
    return [parser = std::shared_ptr((*source)->MakeParser()),
            stands_behind = false](TextBlock block) mutable {
      if (!std::exchange(stands_behind, true)) StandBehind();
      return parser->Read(std::move(block));
    };
  };
  const size_t threads = HardwareThreads();
  InOrder(
      threads, std::max(3 * threads, kBlocksAhead),
      [&] { return (*source)->NextBlock(); }, make_worker,
      [&](std::unique_ptr<RowBlock> block) {
        run.Take(std::move(block),
                 [&](const RowBlock& in) { tell(in.bytes_read); });
      });
  const ImportSummary& summary = run.Finish();
  tell(file.bytes_read());
  if (file.error()) {
    return tl::make_unexpected(BrokenOff(*file.error(), summary));
  }
  return summary;
}

}  // namespace rekindle
