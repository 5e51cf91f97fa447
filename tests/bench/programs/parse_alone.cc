// simdjson alone: reads the fields an intake needs from every line of an NDJSON
// file, the time as milliseconds, on one thread, and keeps nothing.
//   rekindle_bench_parse events.ndjson
// Prints {"events": .., "seconds": ..}; the file is in memory beforehand.
#include <simdjson.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tests/bench/programs/stopwatch.h"

namespace {

int Digits(std::string_view text, size_t at, size_t count) {
  int number = 0;
  for (size_t i = at; i < at + count; ++i) number = 10 * number + text[i] - '0';
  return number;
}

// 2024-12-31T15:59:59.123Z, as the generator writes it: nothing is checked.
int64_t Milliseconds(std::string_view t) {
  using namespace std::chrono;
  const sys_days day = year(Digits(t, 0, 4)) / month(Digits(t, 5, 2)) /
                       std::chrono::day(Digits(t, 8, 2));
  const int seconds =
      Digits(t, 11, 2) * 3600 + Digits(t, 14, 2) * 60 + Digits(t, 17, 2);
  return (day.time_since_epoch().count() * 86400ll + seconds) * 1000 +
         Digits(t, 20, 3);
}

// By order of appearance, which is quicker than a loop over the keys.
uint64_t ReadFields(simdjson::ondemand::object event) {
  const std::string_view id = event["messageId"].get_string();
  const std::string_view user = event["userId"].get_string();
  const std::string_view name = event["event"].get_string();
  const std::string_view time = event["timestamp"].get_string();
  const int64_t feature = event["properties"]["feature"].get_int64();
  return id.size() + user.size() + name.size() +
         static_cast<uint64_t>(feature + Milliseconds(time));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: rekindle_bench_parse events.ndjson\n";
    return 2;
  }
  const simdjson::padded_string text = simdjson::padded_string::load(argv[1]);
  simdjson::ondemand::parser parser;
  parser.threaded = false;
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
