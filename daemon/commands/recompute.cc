// `rekindle recompute`: stores states and labels with their history.
#include <fmt/ostream.h>

#include "daemon/commands/command.h"

namespace rekindle {

int RunRecompute(const CommandLine& line, Session& session,
                 CommandStreams& streams) {
  auto as_of = AsOf(line, session);
  if (!as_of) return Report(as_of.error(), streams);
  if (Status filled = session.engine().CheckFilled(); !filled) {
    return Report(filled.error(), streams);
  }
  int64_t changed = session.engine().Recompute(*as_of);
  uint64_t known = session.engine().At(*as_of)->Known().Count();
  int64_t pruned = session.engine().PruneRawEvents();
  if (pruned > 0) {
    fmt::print(streams.out, "{} raw events pruned by retention\n", pruned);
  }
  fmt::print(streams.out, "{} users as of {}: {} changed\n", known,
             session.engine().settings()->calendar.Format(*as_of), changed);
  return kExitDone;
}

}  // namespace rekindle
