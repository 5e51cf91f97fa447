// Brings touches of campaigns run elsewhere into the ledger.
#pragma once

#include <span>
#include <vector>

#include "engine/import/importer.h"
#include "engine/import/input_row.h"

namespace rekindle {

// Users not heard of yet are added. Goals that already happened are matched
// from the raw events. One status a touch, in order.
std::vector<Status> ImportTouches(Engine& engine,
                                  std::span<const TouchInput> touches,
                                  const ImportRequest& request, Instant now);

}  // namespace rekindle
