#include "engine/import/importer.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "config/base/in_order.h"
#include "config/base/threads.h"
#include "engine/import/import_receipts.h"
#include "engine/import/import_touches.h"
#include "engine/import/row_source.h"
#include "engine/intake/dead_letter.h"
#include "engine/users/contacts.h"
#include "engine/users/forgotten_ids.h"

namespace rekindle {
namespace {

constexpr size_t kMostRows = 32768;  // taken in at once
// Rows are taken in on one thread, which more than these would wait for.
constexpr size_t kMostReaders = 4;
constexpr size_t kBlocksAhead = 2;  // read before they can be taken
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

// An address as profiles have it; nothing where it is neither an e-mail address
// nor a phone number.
std::optional<std::string> AsInProfiles(const std::string& address,
                                        const Calendar& calendar) {
  Result<std::string> normal = address.find('@') != std::string::npos
                                   ? NormalEmail(address)
                                   : NormalPhone(address, calendar);
  return normal ? std::optional(*std::move(normal)) : std::nullopt;
}

// One import under way: hands rows to the engine and counts what became of
// them.
class ImportRun {
 public:
  ImportRun(Engine& engine, const ImportRequest& request,
            const std::string& file_name, Instant now)
      : engine_(engine),
        request_(request),
        now_(now),
        dead_letters_(engine.data_dir(), file_name, now) {}

  void Take(RowBlock& block) {
    for (const RefusedRow& row : block.refused()) {
      ++summary_.read;
      Reject(row.source, row.reason);
    }
    for (RowRun& run : block.runs()) {
      std::visit([&](auto& rows) { Take(run.sources, std::span(rows)); },
                 run.rows);
    }
    dead_letters_.Sync();
  }

  const ImportSummary& Finish() {
    summary_.dead_letter = dead_letters_.path();
    return summary_;
  }

  int64_t read() const { return summary_.read; }

 private:
  template <class Row>
  void Take(std::span<const SourceRow> sources, std::span<Row> rows) {
    for (size_t left = (rows.size() + kMostRows - 1) / kMostRows; left > 0;
         --left) {
      const size_t count = (rows.size() + left - 1) / left;
      summary_.read += static_cast<int64_t>(count);
      std::vector<IntakeOutcome> outcomes = Put(rows.first(count));
      for (size_t i = 0; i < count; ++i) {
        Count(sources[i], std::move(outcomes[i]));
      }
      sources = sources.subspan(count);
      rows = rows.subspan(count);
    }
  }

  std::vector<IntakeOutcome> Put(std::span<const MessageView> rows) {
    return engine_.Append(rows, now_);
  }
  std::vector<IntakeOutcome> Put(std::span<const Engine::UserRow> rows) {
    std::vector<std::string> dropped;
    auto outcomes = ToOutcomes(engine_.PutUsers(rows, &dropped));
    for (size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].what == Intake::kAccepted) {
        outcomes[i].reason = std::move(dropped[i]);
      }
    }
    return outcomes;
  }
  std::vector<IntakeOutcome> Put(std::span<const TouchInput> rows) {
    return ToOutcomes(ImportTouches(engine_, rows, request_, now_));
  }
  std::vector<IntakeOutcome> Put(std::span<Suppression> rows) {
    const auto settings = engine_.settings();
    engine_.store().Write([&](SQLite::Database& db) {
      for (Suppression& row : rows) {
        if (row.at == Instant()) row.at = now_;
        Consents::Suppress(db, row);
        // As it came, too: a channel may write to a profile field whose values
        // are not brought to one form.
        auto normal = AsInProfiles(row.address, settings->calendar);
        if (!normal || *normal == row.address) continue;
        row.address = *std::move(normal);
        Consents::Suppress(db, row);
      }
    });
    return std::vector<IntakeOutcome>(rows.size());
  }

  std::vector<IntakeOutcome> Put(std::span<const ReceiptInput> rows) {
    return ImportReceipts(engine_, rows, now_);
  }

  void Count(const SourceRow& source, IntakeOutcome outcome) {
    switch (outcome.what) {
      case Intake::kAccepted:
        ++summary_.accepted;
        if (outcome.reason.empty()) break;
        ++summary_.dropped;
        Tell(source, std::move(outcome.reason));
        break;
      case Intake::kDuplicate:
        ++summary_.duplicate;
        break;
      case Intake::kRejected:
        Reject(source, std::move(outcome.reason));
        break;
    }
  }

  void Reject(const SourceRow& source, std::string reason) {
    ++summary_.rejected;
    Tell(source, std::move(reason));
  }

  // The operator, and a dead letter, so that it can be mended.
  void Tell(const SourceRow& source, std::string reason) {
    const RowContext& context = *source.context;
    if (summary_.first_errors.size() < kErrorsTold) {
      summary_.first_errors.push_back(
          context.file + ":" + std::to_string(source.line) + ": " + reason);
    }
    if (reason == kForgottenReason) return;
    dead_letters_.Write({context.file, source.line, std::move(reason),
                         context.what, context.format, context.header,
                         std::string(source.record)});
  }

  Engine& engine_;
  const ImportRequest& request_;
  const Instant now_;
  DeadLetterWriter dead_letters_;
  ImportSummary summary_;
};

// Of the calling thread, for as long as it lives. Rows are read on several
// threads and taken in on one, which the others wait for in the end: it should
// not share its core with them. Where a sandbox forbids it, it does.
void StandBehind() {
  constexpr int kBehind = 10;
  const int own = getpriority(PRIO_PROCESS, 0);
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), own + kBehind);
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);  // nor run as soon as it is woken
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
  // Rows are read with these to the end, whatever a reload does meanwhile.
  const auto settings = engine.settings();
  Result<std::unique_ptr<RowSource>> source =
      OpenRows(file, request.what, format, settings->calendar, now);
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
  const size_t threads = std::min(HardwareThreads(), kMostReaders);
  InOrder(
      threads, threads + kBlocksAhead, [&] { return (*source)->NextBlock(); },
      make_worker,
      [&](std::unique_ptr<RowBlock> block) {
        run.Take(*block);
        tell(block->bytes_read);
      });
  const ImportSummary& summary = run.Finish();
  tell(file.bytes_read());
  if (file.error()) {
    return tl::make_unexpected(BrokenOff(*file.error(), summary));
  }
  return summary;
}

}  // namespace rekindle
