// Random histories of a product, told twice: as messages in order of arrival
// (late, repeated, under ids that are merged later) and as the plain facts that
// the reference works from.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/intake/message.h"
#include "tests/support/reference/reference.h"

namespace rekindle::reference {

struct RandomHistory {
  std::string settings;  // YAML
  Rules rules;           // the same
  std::vector<Message> messages;
  size_t duplicates = 0;  // among the messages
  std::vector<Act> acts;
  std::map<std::string, Moment> created_at;
  std::vector<Instant> as_of;  // worth asking about
  LocalDay first, last;        // of the events
};

// The same seed gives the same history.
RandomHistory MakeRandomHistory(uint64_t seed);

}  // namespace rekindle::reference
