// The page or screen each user saw last, from the raw events.
#pragma once

#include <string>
#include <vector>

#include "engine/audience/snapshot.h"

namespace rekindle {

// One entry a user number, from the events up to as_of that are kept: the
// `name` of the last `page` or `screen`, empty where there was none with a
// name.
std::vector<std::string> LastPages(const Snapshot& facts);

}  // namespace rekindle
