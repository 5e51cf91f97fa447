// Requests to one address over many keep-alive connections, one thread: each
// connection sends, waits for the answer, sends the next.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

namespace rekindle::bench {

struct LoadResult {
  double seconds = 0;               // as asked for
  std::map<int, uint64_t> answers;  // by status, all of them
  uint64_t in_time = 0;             // of status 200, before the time was up
  std::vector<float> latencies;     // of those, in seconds
};

// `next` gives the next whole request; what it gave must stay as it is until
// the same connection (its first argument) asks again. After `seconds` no
// request is sent any more and the answers under way are waited for. Throws
// std::runtime_error where a connection breaks.
LoadResult Load(int port, int connections, double seconds,
                const std::function<std::string_view(int)>& next);

}  // namespace rekindle::bench
