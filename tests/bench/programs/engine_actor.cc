// The engine under orders: rekindle_bench_engine rekindle.yaml
//
// Orders (one a line, answered in JSON with `seconds` where time matters):
//   open | close
//   fill PART USERS SEED ID_SEED FIRST_DAY LIMIT
//   compute bitmaps|lists         the nightly job, in memory
//   night                         the same, on disk; the evening before is
//                                 recomputed first, untimed
//   select CONDITION              the users for whom it holds (YAML)
//   read BYTES                    a plain read of so many bytes of memory
//   answers | events | memory
//   start                         open, the first answer, the first event
//   read_files                    every file of the data folder, plainly
//   die PART USERS SEED ID_SEED FIRST_DAY LIMIT
//                                 open, fill, then kill -9 of itself
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "config/base/clock.h"
#include "config/yaml/document.h"
#include "daemon/session/configuration.h"
#include "engine/conditions/condition.h"
#include "tests/bench/programs/fill.h"
#include "tests/bench/programs/orders.h"
#include "tests/bench/programs/plain_read.h"
#include "tests/bench/programs/process_memory.h"
#include "tests/bench/programs/read_folder.h"
#include "tests/bench/programs/recompute_job.h"
#include "tests/bench/programs/stopwatch.h"

namespace rekindle::bench {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kAsOf = "2024-12-31";
constexpr std::string_view kEveningBefore = "2024-12-30";

std::shared_ptr<const Configuration> Load(const std::filesystem::path& file) {
  yaml::Diagnostics d;
  auto configuration = LoadConfiguration(file, d);
  if (!configuration) throw std::runtime_error(d.Render());
  return configuration;
}

class EngineActor {
 public:
  explicit EngineActor(const std::filesystem::path& file)
      : configuration_(Load(file)) {}

  Json CarryOut(const Words& words) {
    static const std::map<std::string, Json (EngineActor::*)(const Words&)>
        orders = {{"open", &EngineActor::Open},
                  {"close", &EngineActor::Close},
                  {"fill", &EngineActor::FillIn},
                  {"compute", &EngineActor::Compute},
                  {"night", &EngineActor::Night},
                  {"select", &EngineActor::Select},
                  {"read", &EngineActor::Read},
                  {"answers", &EngineActor::GiveAnswers},
                  {"events", &EngineActor::Events},
                  {"memory", &EngineActor::Memory},
                  {"start", &EngineActor::Start},
                  {"read_files", &EngineActor::ReadFiles},
                  {"die", &EngineActor::Die}};
    const auto order = orders.find(words.at(0));
    if (order == orders.end()) {
      throw std::runtime_error("there is no order \"" + words[0] + "\"");
    }
    return (this->*order->second)(words);
  }

 private:
  Json Open(const Words&) {
    const Stopwatch watch;
    auto engine =
        Engine::Open(configuration_->data_dir, configuration_->engine);
    if (!engine) throw std::runtime_error(engine.error().message);
    engine_ = *std::move(engine);
    return {{"seconds", watch.Seconds()}};
  }

  Json Close(const Words&) {
    engine_.reset();
    return Json::object();
  }

  Json FillIn(const Words& words) {
    const FillSummary summary = Fill(*engine_, ReadFill(words));
    engine_->Checkpoint();
    return {{"events", summary.events}, {"seconds", summary.seconds}};
  }

  Json Compute(const Words& words) {
    const bool lists = words.at(1) == "lists";
    ColdCaches();
    const Stopwatch watch;
    const auto facts = engine_->At(AsOf(kAsOf));
    const AudienceSets& sets = facts->ComputeAll();
    if (lists) lists_.Make(sets.segments, facts->workers());
    const double seconds = watch.Seconds();
    return {{"seconds", seconds}, {"known", facts->Known().Count()}};
  }

  Json Night(const Words&) {
    engine_->Recompute(AsOf(kEveningBefore));
    const Stopwatch watch;
    const int64_t changed = engine_->Recompute(AsOf(kAsOf));
    return {{"seconds", watch.Seconds()}, {"changed", changed}};
  }

  Json Select(const Words& words) {
    const auto condition = ConditionOf(words);
    const auto facts = engine_->At(AsOf(kAsOf));
    ColdCaches();
    const Stopwatch watch;
    const UserSet users = condition->Select(*facts);
    const double seconds = watch.Seconds();
    return {{"seconds", seconds}, {"users", users.Count()}};
  }

  Json Read(const Words& words) {
    return {{"seconds", reads_.Run(std::stoull(words.at(1)))}};
  }

  Json GiveAnswers(const Words&) {
    return Answers(*engine_, *engine_->At(AsOf(kAsOf)));
  }

  Json Events(const Words&) {
    return {{"events", engine_->journal().stats().events}};
  }

  // REQUIRES: the engine is not open yet.
  Json Memory(const Words& words) {
    const int64_t resident = ResidentBytes(), allocated = AllocatedBytes();
    Open(words);
    const auto facts = engine_->At(AsOf(kAsOf));
    facts->ComputeAll();
    return {{"resident", ResidentBytes() - resident},
            {"allocated", AllocatedBytes() - allocated},
            {"users", engine_->users().size()}};
  }

  // REQUIRES: the engine is not open yet.
  Json Start(const Words& words) {
    const Stopwatch watch;
    Open(words);
    const uint64_t known = engine_->At(AsOf(kAsOf))->Known().Count();
    Message event;
    event.user_id = "u00000001";
    event.event = kBehaviorNames[0];
    event.when = configuration_->engine->calendar
                     .ParseMoment("2024-12-31T12:00:00+08:00")
                     .value();
    const std::string id =
        "start-" + std::to_string(ToMillis(SystemClock().Now()));
    event.message_id = id;
    if (engine_->Append({&event, 1}, event.when.at).at(0).what !=
        Intake::kAccepted) {
      throw std::runtime_error("the first event was not accepted");
    }
    return {{"seconds", watch.Seconds()}, {"known", known}};
  }

  Json ReadFiles(const Words&) {
    const Stopwatch watch;
    const int64_t bytes = ReadFolder(configuration_->data_dir);
    return {{"seconds", watch.Seconds()}, {"bytes", bytes}};
  }

  Json Die(const Words& words) {
    Open(words);
    Fill(*engine_, ReadFill(words));
    ::raise(SIGKILL);
    return {};
  }

  static FillOptions ReadFill(const Words& words) {
    FillOptions options;
    options.stream.part = ParsePart(words.at(1)).value();
    options.users = static_cast<uint32_t>(std::stoul(words.at(2)));
    options.seed = std::stoull(words.at(3));
    options.id_seed = std::stoull(words.at(4));
    options.stream.first_day = std::stoi(words.at(5));
    options.stream.limit = std::stoull(words.at(6));
    return options;
  }

  std::shared_ptr<const Condition> ConditionOf(const Words& words) const {
    std::string text;
    for (size_t i = 1; i < words.size(); ++i) text += words[i] + " ";
    yaml::Diagnostics d;
    const auto node = yaml::Parse("select", text, d);
    const auto condition =
        node ? ParseCondition(*node, VocabularyOf(*configuration_->engine), d,
                              "the condition")
             : nullptr;
    if (!condition) throw std::runtime_error(d.Render());
    return condition;
  }

  Instant AsOf(std::string_view day) const {
    return configuration_->engine->calendar.ParseUntil(day).value();
  }

  const std::shared_ptr<const Configuration> configuration_;
  std::unique_ptr<Engine> engine_;
  PlainReads reads_;
  IdLists lists_;
};

}  // namespace
}  // namespace rekindle::bench

int main(int argc, char** argv) {
  using namespace rekindle::bench;
  if (argc != 2) {
    std::cerr << "usage: rekindle_bench_engine rekindle.yaml\n";
    return 2;
  }
  // Answers alone go to standard output.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("bench"));
  try {
    EngineActor actor(argv[1]);
    TakeOrders([&](const Words& words) { return actor.CarryOut(words); });
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
