#include "engine/fill/column_filler.h"

#include <algorithm>
#include <atomic>

#include "config/base/threads.h"
#include "engine/fill/block_marker.h"
#include "engine/fill/mark_sorter.h"

namespace rekindle {
namespace {

// Ends the reading of the journal from within.
struct Stopped {};

// The next batches, taken off the front: one at least, while there are any.
std::span<const BatchReading::Batch> NextPiece(
    std::span<const BatchReading::Batch>* batches, int64_t events_in_piece) {
  size_t count = 0;
  for (int64_t events = 0; count < batches->size() && events < events_in_piece;
       ++count) {
    events += (*batches)[count].events;
  }
  const auto piece = batches->first(count);
  *batches = batches->subspan(count);
  return piece;
}

// One task, on several threads.
class Filling {
 public:
  Filling(const Journal& journal, const EngineSettings& settings,
          const FillTask& task, FilledColumns* filled)
      : threads_(HardwareThreads()),
        reading_(journal.ReadBatches(task.after, threads_)),
        filled_(*filled) {
    for (size_t i = 0; i < threads_; ++i) {
      sorters_.emplace_back(settings, task.behaviors);
      markers_.emplace_back(settings.calendar, task.behaviors);
    }
  }

  // told(events) after each batch, on its thread; false ends it with Stopped.
  template <class Told>
  void Run(int64_t events_in_piece, Told&& told) {
    auto batches = reading_->batches();
    while (!batches.empty()) {
      reading_->Read(NextPiece(&batches, events_in_piece),
                     [&](size_t thread, const BatchView& batch) {
                       sorters_[thread].Sort(batch);
                       if (!told(batch.users.size())) throw Stopped();
                     });
      ApplyMarks();
    }
  }

 private:
  void ApplyMarks() {
    size_t blocks = 0;
    for (const MarkSorter& sorter : sorters_) {
      blocks = std::max(blocks, sorter.marks().size());
      filled_.users = std::max(filled_.users, sorter.users());
    }
    if (filled_.blocks.size() < blocks) filled_.blocks.resize(blocks);
    OnThreads(
        std::min(threads_, blocks),
        [&, next = std::make_shared<std::atomic<uint32_t>>(0)](size_t thread) {
          for (uint32_t block = (*next)++; block < blocks; block = (*next)++) {
            markers_[thread].Apply(block, sorters_, &filled_.blocks[block]);
          }
        });
    for (MarkSorter& sorter : sorters_) {
      for (const OddMark& odd : sorter.TakeOdd()) filled_.odd.push_back(odd);
      sorter.Clear();
    }
  }

  const size_t threads_;
  const std::unique_ptr<BatchReading> reading_;
  FilledColumns& filled_;
  std::vector<MarkSorter> sorters_;   // by thread
  std::vector<BlockMarker> markers_;  // by thread
};

}  // namespace

FilledColumns FillColumns(const Journal& journal,
                          const EngineSettings& settings,
                          const std::vector<FillTask>& tasks,
                          const std::function<bool(int64_t)>& told,
                          int64_t events_in_piece) {
  FilledColumns filled;
  std::atomic<int64_t> read = 0;
  try {
    for (const FillTask& task : tasks) {
      Filling(journal, settings, task, &filled)
          .Run(events_in_piece, [&](size_t events) {
            return told(read += static_cast<int64_t>(events));
          });
    }
  } catch (const Stopped&) {
    // The caller knows.
  }
  return filled;
}

}  // namespace rekindle
