// simdjson alone: reads the fields an intake needs from every line of an NDJSON
// file, on one thread, and keeps nothing.
//   rekindle_bench_parse events.ndjson
// Prints {"events": .., "seconds": ..}; the file is in memory beforehand.
#include <simdjson.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tests/bench/programs/stopwatch.h"

namespace {

// By order of appearance, which is quicker than a loop over the keys.
uint64_t ReadFields(simdjson::ondemand::object event) {
  const std::string_view id = event["messageId"].get_string();
  const std::string_view user = event["userId"].get_string();
  const std::string_view name = event["event"].get_string();
  const std::string_view time = event["timestamp"].get_string();
  const int64_t feature = event["properties"]["feature"].get_int64();
  return id.size() + user.size() + name.size() + time.size() +
         static_cast<uint64_t>(feature);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: rekindle_bench_parse events.ndjson\n";
    return 2;
  }
  const simdjson::padded_string text = simdjson::padded_string::load(argv[1]);
  simdjson::ondemand::parser parser;
  uint64_t events = 0, sum = 0;
  const rekindle::bench::Stopwatch watch;
  simdjson::ondemand::document_stream stream =
      parser.iterate_many(text, 1 << 20);
  for (auto document : stream) {
    sum += ReadFields(document.get_object());
    ++events;
  }
  const double seconds = watch.Seconds();
  std::cout << nlohmann::json{{"events", events},
                              {"seconds", seconds},
                              {"read", sum}}
            << "\n";
}
