// Makes columns from the raw events, at memory speed: when behaviors are new or
// changed, and from the journal's tail at start.
//
// Several threads read batches, some million events at a time, and sort what
// happened by block of users; then each takes whole blocks and marks their
// days. So no two threads ever write in one place, and nothing is joined but
// the few masks whose month went on in the next piece.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/fill/filled_columns.h"
#include "engine/journal/journal.h"
#include "engine/model/settings.h"

namespace rekindle {

// Behaviors to fill from the events after a position.
struct FillTask {
  JournalPosition after = 0;
  std::vector<BehaviorIndex> behaviors;
};

// Events whose marks are held at once: 128 MB of marks.
inline constexpr int64_t kEventsInPiece = 16'000'000;

// A `told` for callers that want everything read.
inline constexpr auto kToTheEnd = [](int64_t) { return true; };

// Finds the days and last times of the tasks' behaviors. Calls told(events
// read) now and then, from several threads; where that returns false, it ends
// early and the result is incomplete. Throws what reading the journal throws.
FilledColumns FillColumns(const Journal& journal,
                          const EngineSettings& settings,
                          const std::vector<FillTask>& tasks,
                          const std::function<bool(int64_t)>& told,
                          int64_t events_in_piece = kEventsInPiece);

}  // namespace rekindle
