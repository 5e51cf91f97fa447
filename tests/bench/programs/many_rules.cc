// Many rules under orders: rekindle_bench_rules rekindle.yaml
//
//   open           the data folder
//   check          the settings, as `rekindle check` reads them
//   parse          the same file, by yaml-cpp alone
//   select         the users of every rule, at once, on a snapshot
//   read BYTES     a plain read of so many bytes of memory
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <stdexcept>

#include "daemon/session/configuration.h"
#include "engine/audience/selection.h"
#include "engine/engine.h"
#include "tests/bench/programs/orders.h"
#include "tests/bench/programs/plain_read.h"
#include "tests/bench/programs/stopwatch.h"

namespace rekindle::bench {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kAsOf = "2024-12-31";

class RulesActor {
 public:
  explicit RulesActor(std::filesystem::path file) : file_(std::move(file)) {}

  Json CarryOut(const Words& words) {
    const std::string& order = words.at(0);
    if (order == "open") return Open();
    if (order == "check") return Check();
    if (order == "parse") return Parse();
    if (order == "select") return Select();
    if (order == "read") return Read(std::stoull(words.at(1)));
    throw std::runtime_error("there is no order \"" + order + "\"");
  }

 private:
  Json Open() {
    Check();
    auto engine =
        Engine::Open(configuration_->data_dir, configuration_->engine);
    if (!engine) throw std::runtime_error(engine.error().message);
    engine_ = *std::move(engine);
    return {{"rules", configuration_->rules->rules.size()},
            {"users", engine_->users().size()}};
  }

  Json Check() {
    const Stopwatch watch;
    yaml::Diagnostics d;
    auto configuration = LoadConfiguration(file_, d);
    const double seconds = watch.Seconds();
    if (!configuration) throw std::runtime_error(d.Render());
    configuration_ = std::move(configuration);
    return {{"seconds", seconds}};
  }

  Json Parse() {
    const Stopwatch watch;
    const YAML::Node node = YAML::LoadFile(file_.string());
    const double seconds = watch.Seconds();
    return {{"seconds", seconds}, {"rules", node["rules"].size()}};
  }

  // `matched` adds up over all rules, so that no answer can be left out.
  Json Select() {
    const Instant as_of = *configuration_->engine->calendar.ParseUntil(kAsOf);
    std::vector<const Condition*> conditions;
    for (const Rule& rule : configuration_->rules->rules) {
      conditions.push_back(rule.when.get());
    }
    ColdCaches();
    const Stopwatch watch;
    const auto facts = engine_->At(as_of);
    const std::vector<UserSet> selected = SelectEach(*facts, conditions);
    const double seconds = watch.Seconds();
    uint64_t matched = 0;
    for (const UserSet& users : selected) matched += users.Count();
    return {{"seconds", seconds}, {"matched", matched}};
  }

  Json Read(size_t bytes) { return {{"seconds", reads_.Run(bytes)}}; }

  std::filesystem::path file_;
  std::shared_ptr<const Configuration> configuration_;
  std::unique_ptr<Engine> engine_;
  PlainReads reads_;
};

}  // namespace
}  // namespace rekindle::bench

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  rekindle::bench::RulesActor actor(argv[1]);
  rekindle::bench::TakeOrders([&](const rekindle::bench::Words& words) {
    return actor.CarryOut(words);
  });
}
