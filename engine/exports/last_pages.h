// The page or screen each user saw last, from the raw events.
#pragma once

#include <string>
#include <vector>

#include "engine/audience/snapshot.h"

namespace rekindle {

// By user number: the `name` of the last `page` or `screen` among the events
// kept up to as_of; empty where none had a name.
std::vector<std::string> LastPages(const Snapshot& facts);

}  // namespace rekindle
