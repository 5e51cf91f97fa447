// Streams the generated history to standard output.
//   rekindle_bench_generate --users 200000 --format csv
// Formats: csv, ndjson, batches (a line is the body of one POST /v1/batch).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "tests/bench/model/event_stream.h"
#include "tests/bench/model/event_text.h"

namespace rekindle::bench {
namespace {

struct Options {
  uint32_t users = 0;
  uint64_t seed = 42;
  std::string format = "csv", part = "all";
  int events_per_body = 100;
  StreamOptions stream;
};

class Writer {
 public:
  explicit Writer(const Options& options) : options_(options) {}
  ~Writer() { Flush(); }

  void Write(const GeneratedEvent& event) {
    ++number_;
    if (options_.format == "csv") {
      AppendCsv(event, &out_);
    } else if (options_.format == "ndjson") {
      AppendJson(event, options_.seed, number_, &out_);
      out_ += '\n';
    } else {
      WriteIntoBody(event);
    }
    if (out_.size() > 1 << 20) Flush();
  }

 private:
  // A body that is not full at the end is left out.
  void WriteIntoBody(const GeneratedEvent& event) {
    body_ += body_.empty() ? "{\"batch\":[" : ",";
    AppendJson(event, options_.seed, number_, &body_);
    if (++in_body_ < options_.events_per_body) return;
    out_ += body_ + "]}\n";
    body_.clear();
    in_body_ = 0;
  }

  void Flush() {
    if (std::fwrite(out_.data(), 1, out_.size(), stdout) != out_.size()) {
      std::perror("cannot write the events");
      std::exit(1);
    }
    out_.clear();
  }

  const Options& options_;
  uint64_t number_ = 0;
  int in_body_ = 0;
  std::string out_, body_;
};

Options Parse(int argc, char** argv) {
  Options options;
  CLI::App app("The benchmark's history, by seed.");
  app.add_option("--users", options.users)->required();
  app.add_option("--seed", options.seed);
  app.add_option("--format", options.format)
      ->check(CLI::IsMember({"csv", "ndjson", "batches"}));
  app.add_option("--part", options.part)
      ->check(CLI::IsMember({"all", "tenth", "state"}));
  app.add_option("--first-day", options.stream.first_day);
  app.add_option("--limit", options.stream.limit, "events at most");
  app.add_option("--events-per-body", options.events_per_body);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::exit(app.exit(e));
  }
  options.stream.part = *ParsePart(options.part);
  return options;
}

}  // namespace
}  // namespace rekindle::bench

int main(int argc, char** argv) {
  using namespace rekindle::bench;
  const Options options = Parse(argc, argv);
  const Population population(options.users, options.seed);
  Writer writer(options);
  ForEachDay(population, options.stream, [&](auto events) {
    for (const GeneratedEvent& event : events) writer.Write(event);
  });
}
