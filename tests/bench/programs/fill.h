// Brings a part of the generated history into an engine, as an intake would:
// in batches, with message ids, each batch durable before the next.
#pragma once

#include <cstdint>

#include "engine/engine.h"
#include "tests/bench/model/event_stream.h"

namespace rekindle::bench {

struct FillOptions {
  uint32_t users = 0;
  uint64_t seed = 42;
  uint64_t id_seed = 42;  // another one: the same events under new message ids
  StreamOptions stream;
};

struct FillSummary {
  uint64_t events = 0;
  double seconds = 0;  // in Engine::Append, without the generator
};

// Throws std::runtime_error where the engine refuses an event.
FillSummary Fill(Engine& engine, const FillOptions& options);

}  // namespace rekindle::bench
