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

// Writes the ids (in order) and those of the `merged` runs as run `number`.
// Takes long, and calls step() now and then.
IdRun WriteMerged(const IdRunFolder& folder, int64_t number,
                  std::span<const IdHash> ids, std::span<const IdRun> merged,
                  const std::function<void()>& step);

}  // namespace rekindle
