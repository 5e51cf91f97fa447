// Merges runs of message ids, so that they stay few.
#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "engine/journal/id_run.h"

namespace rekindle {

// Which of the runs (newest last) to merge with so many ids that become a run:
// some at the end, or none; and the new run's level. Eight runs of a level
// become one of the next, unless it would have more than 64 million ids: a run
// is deleted only when all of its batches are gone.
std::pair<std::vector<IdRun>, int> RunsToMerge(std::vector<IdRun> runs,
                                               int64_t ids);

// Writes the ids, which are in order, and those of the runs as the run of that
// number. step() is called now and then, as it takes its time.
IdRun WriteMerged(const IdRunDirectory& directory, int64_t number,
                  std::span<const IdHash> ids, std::span<const IdRun> merged,
                  const std::function<void()>& step);

}  // namespace rekindle
