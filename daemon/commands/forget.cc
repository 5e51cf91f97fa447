// `rekindle forget`: erases a person everywhere.
#include <fmt/ostream.h>

#include "daemon/commands/command.h"

namespace rekindle {

int RunForget(const CommandLine& line, Session& session,
              CommandStreams& streams) {
  if (auto done = session.engine().Forget(line.user); !done) {
    return Report(done.error(), streams);
  }
  fmt::print(streams.out, "user {} is forgotten\n", line.user);
  return kExitDone;
}

}  // namespace rekindle
