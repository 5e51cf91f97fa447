// Posts bodies with fresh message ids over 64 connections.
//   rekindle_bench_load --port 8081 --bodies bodies.txt --seconds 4
// A line of the file is a body; it is sent again and again, each time with
// message ids that were never used before. Prints one line of JSON.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/programs/http_client.h"

namespace rekindle::bench {
namespace {

struct Options {
  int port = 0;
  int connections = 64;
  double seconds = 4;
  std::string path = "/v1/batch";
  std::string authorization;
  std::string bodies;
  uint64_t run = 1;
};

// A whole request, and where the message ids stand in it.
class Request {
 public:
  Request(const Options& options, const std::string& body) {
    text_ = "POST " + options.path +
            " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            "Authorization: " +
            options.authorization +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            body;
    constexpr std::string_view kKey = "\"messageId\":\"";
    for (size_t at = text_.find(kKey); at != std::string::npos;
         at = text_.find(kKey, at + 1)) {
      ids_.push_back(at + kKey.size());
    }
  }

  // Ids are UUIDs: the first group is the run, the last the number.
  std::string_view WithIds(uint64_t run, uint64_t* number) {
    for (size_t at : ids_) {
      PutHex(run, 8, &text_[at]);
      PutHex((*number)++, 12, &text_[at + 24]);
    }
    return text_;
  }

 private:
  // By hand, so that the load takes little from the cores it is put on.
  static void PutHex(uint64_t value, int digits, char* to) {
    for (int i = digits; i-- > 0; value >>= 4) {
      to[i] = "0123456789abcdef"[value & 15];
    }
  }

  std::string text_;
  std::vector<size_t> ids_;
};

std::vector<Request> ReadRequests(const Options& options) {
  std::ifstream in(options.bodies);
  std::vector<Request> requests;
  for (std::string body; std::getline(in, body);) {
    requests.emplace_back(options, body);
  }
  // Each connection walks its own share.
  if (requests.size() < static_cast<size_t>(options.connections)) {
    throw std::runtime_error("too few bodies in " + options.bodies);
  }
  return requests;
}

// Seconds under which so great a share of them lie.
double Quantile(std::vector<float>& latencies, double share) {
  if (latencies.empty()) return 0;
  const auto at = latencies.begin() +
                  static_cast<ptrdiff_t>(share * (latencies.size() - 1));
  std::nth_element(latencies.begin(), at, latencies.end());
  return *at;
}

nlohmann::json Run(const Options& options) {
  std::vector<Request> requests = ReadRequests(options);
  const size_t share = requests.size() / options.connections;
  std::vector<size_t> turns(options.connections);
  uint64_t number = 0;
  LoadResult result =
      Load(options.port, options.connections, options.seconds, [&](int i) {
        const size_t turn = turns[i]++ % share;
        return requests[i * share + turn].WithIds(options.run, &number);
      });
  nlohmann::json statuses;
  for (const auto& [status, count] : result.answers) {
    statuses[std::to_string(status)] = count;
  }
  return {{"seconds", result.seconds},
          {"in_time", result.in_time},
          {"statuses", statuses},
          {"p50", Quantile(result.latencies, .5)},
          {"p99", Quantile(result.latencies, .99)}};
}

}  // namespace
}  // namespace rekindle::bench

int main(int argc, char** argv) {
  rekindle::bench::Options options;
  CLI::App app("A load of POST requests.");
  app.add_option("--port", options.port)->required();
  app.add_option("--bodies", options.bodies)->required();
  app.add_option("--connections", options.connections);
  app.add_option("--seconds", options.seconds);
  app.add_option("--path", options.path);
  app.add_option("--authorization", options.authorization);
  app.add_option("--run", options.run, "sets this run's message ids apart");
  CLI11_PARSE(app, argc, argv);
  try {
    std::cout << rekindle::bench::Run(options) << "\n";
  } catch (const std::exception& e) {
    std::cout << nlohmann::json{{"error", e.what()}} << "\n";
    return 1;
  }
}
