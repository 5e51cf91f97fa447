// `rekindle schema`: the JSON Schema of the settings, as shipped.
#include <ostream>

#include "daemon/commands/command.h"
#include "daemon/texts/assets.h"

namespace rekindle {

int RunSchema(const CommandLine&, CommandStreams& streams) {
  streams.out << Asset("rekindle.schema.json");
  return kExitDone;
}

}  // namespace rekindle
