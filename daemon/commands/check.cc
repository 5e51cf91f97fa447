// `rekindle check`: validates everything with the daemon's own loader.
#include <fmt/ostream.h>

#include "daemon/commands/command.h"

namespace rekindle {

int RunCheck(const CommandLine& line, CommandStreams& streams) {
  auto file = FindConfiguration(line.config);
  if (!file) return Report(file.error(), streams);
  yaml::Diagnostics diagnostics;
  auto configuration = LoadConfiguration(*file, diagnostics);
  streams.err << diagnostics.Render();
  if (!configuration) {
    fmt::print(streams.err, "{}: {} error{}\n", file->string(),
               diagnostics.errors(), diagnostics.errors() == 1 ? "" : "s");
    return kExitUsage;
  }
  fmt::print(streams.out, "{}: ok: {}\n", file->string(),
             Describe(*configuration));
  return kExitDone;
}

}  // namespace rekindle
