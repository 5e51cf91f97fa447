// Runs of message ids made out of others, so that they stay few.
#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "engine/journal/id_run.h"

namespace rekindle {

// Which of the runs, of which the newest stands last, are to be merged with so
// many ids that become a run (those at the end, or none), and its level then:
// eight runs of a level become one of the next, unless it would be larger than
// 64 million ids, as a run goes only when all of its batches are gone.
std::pair<std::vector<IdRun>, int> RunsToMerge(std::vector<IdRun> runs,
                                               int64_t ids);

// Writes the ids, which are in order, and those of the runs as the run of that
// number. step() is called now and then, as it takes its time.
IdRun WriteMerged(const IdRunDirectory& directory, int64_t number,
                  std::span<const IdHash> ids, std::span<const IdRun> merged,
                  const std::function<void()>& step);

}  // namespace rekindle
