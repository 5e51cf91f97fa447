// Reads the sections of the configuration that the engine owns.
#pragma once

#include <vector>

#include "config/yaml/node.h"
#include "engine/model/settings.h"

namespace rekindle {

// Several files may each bring definitions; a name defined twice is an error
// that names both places. Takes the sections it owns (time_zone, activity,
// behaviors, lifecycle, preferences, segments, targets, consent, calendar,
// retention, links) from `main` and the included files (`time_zone` from `main`
// only); leaves the rest to the caller.
EngineSettings ParseEngineSettings(yaml::Section& main,
                                   std::vector<yaml::Section>& included,
                                   yaml::Diagnostics& d);

}  // namespace rekindle
