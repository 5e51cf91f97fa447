// Sends touches through a real adapter with the durable ledger, and tells how
// long it took; or the same requests from a bare curl_multi loop.
//   rekindle_bench_deliver fill FOLDER --touches N --bytes B
//   rekindle_bench_deliver send FOLDER --settings FILE
//   rekindle_bench_deliver bare --url URL --count N --bytes B --concurrency C
// `fill` plans N touches of one rule for as many users; `send` works the one
// channel of the settings and leaves the folder as the ledger has it.
#include <curl/curl.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "channels/dispatcher.h"
#include "config/base/hash.h"
#include "config/yaml/document.h"
#include "engine/engine.h"
#include "engine/settings/settings_parser.h"
#include "tests/bench/programs/stopwatch.h"

namespace rekindle {
namespace {

constexpr char kChannel[] = "out";
constexpr char kRule[] = "wake";

std::shared_ptr<const EngineSettings> Settings() {
  yaml::Diagnostics d;
  const auto node = yaml::Parse(
      "bench.yaml", "behaviors: {app_open: {event: app_open}}\n", d);
  yaml::Section main(*node, d, "the settings");
  std::vector<yaml::Section> included;
  return std::make_shared<EngineSettings>(
      ParseEngineSettings(main, included, d));
}

std::unique_ptr<Engine> Open(const std::string& folder) {
  auto engine = Engine::Open(folder, Settings());
  if (!engine) throw std::runtime_error(engine.error().message);
  return *std::move(engine);
}

std::string UserId(int64_t i) { return "user-" + std::to_string(i); }

Touch TouchOf(UserNumber user, const std::string& user_id, Instant at,
              const std::string& text) {
  Touch touch;
  touch.rule_id = kRule;
  touch.rule_version = "1";
  touch.user = user;
  touch.slot = touch.planned_at = touch.due_at = at;
  touch.expires_at = at + std::chrono::hours(24);
  touch.touch_id =
      StableId({kRule, user_id, std::to_string(ToMillis(at)), "0"});
  touch.contents = {{kChannel, {{"subject", "We miss you"}, {"text", text}}}};
  return touch;
}

// Users with a mail address, and a touch for each, in transactions of 10,000.
void Fill(const std::string& folder, int64_t touches, size_t bytes) {
  auto engine = Open(folder);
  const std::string text(bytes, 'x');
  const Instant at = SystemClock().Now();
  constexpr int64_t kTogether = 10'000;
  for (int64_t first = 0; first < touches; first += kTogether) {
    const int64_t end = std::min(touches, first + kTogether);
    std::vector<Engine::UserRow> rows;
    for (int64_t i = first; i < end; ++i) {
      rows.push_back({UserId(i),
                      "{\"email\":\"" + UserId(i) +
                          "@app.example\","
                          "\"created_at\":\"2026-01-01\"}",
                      {},
                      {}});
    }
    engine->PutUsers(rows);
    std::vector<Touch> batch;
    for (int64_t i = first; i < end; ++i) {
      batch.push_back(
          TouchOf(engine->users().Find(UserId(i)), UserId(i), at, text));
    }
    engine->store().Write(
        [&](SQLite::Database& db) { engine->ledger().Insert(db, batch); });
  }
  engine->Checkpoint();
}

nlohmann::json Send(const std::string& folder, const std::string& settings) {
  auto engine = Open(folder);
  yaml::Diagnostics d;
  const auto node = yaml::LoadFile(settings, d);
  auto channels = node ? ParseChannels(*node, d) : std::vector<Channel>();
  if (!d.ok() || channels.size() != 1) throw std::runtime_error(d.Render());
  SystemClock clock;
  Dispatcher dispatcher(*engine, clock);
  DeliveryControl control;
  control.live_rules = [] { return std::unordered_set<std::string>{kRule}; };
  control.stop = [] { return false; };
  const bench::Stopwatch watch;
  const DispatchSummary summary = dispatcher.SendDue(channels[0], control);
  return {{"seconds", watch.Seconds()},
          {"accepted", summary.accepted},
          {"others", summary.failed + summary.dropped + summary.retried +
                         summary.unknown}};
}

// What libcurl does with the same requests and nothing else.
class BareLoop {
 public:
  BareLoop(std::string url, int64_t count, size_t bytes, int concurrency)
      : url_(std::move(url)),
        body_("{\"data\":{\"text\":\"" + std::string(bytes, 'x') + "\"}}"),
        left_(count),
        multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, long{concurrency});
    headers_ = curl_slist_append(headers_, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Expect:");
    for (int i = 0; i < concurrency && left_ > 0; ++i, --left_) {
      curl_multi_add_handle(multi_, NewHandle());
      ++running_;
    }
  }

  // How many were not answered with 200.
  int64_t Run() {
    int64_t bad = 0;
    while (running_ > 0) {
      int active = 0;
      curl_multi_perform(multi_, &active);
      bad += Reap();
      if (running_ > 0) curl_multi_poll(multi_, nullptr, 0, 100, nullptr);
    }
    return bad;
  }

 private:
  CURL* NewHandle() {
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE,
                     static_cast<long>(body_.size()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(
        easy, CURLOPT_WRITEFUNCTION,
        +[](char*, size_t size, size_t n, void*) { return size * n; });
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return easy;
  }

  int64_t Reap() {
    int64_t bad = 0;
    int more = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &more)) {
      CURL* easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      bad += message->data.result != CURLE_OK || status != 200;
      curl_multi_remove_handle(multi_, easy);
      if (left_ > 0) {
        --left_;
        curl_multi_add_handle(multi_, easy);
      } else {
        curl_easy_cleanup(easy);
        --running_;
      }
    }
    return bad;
  }

  const std::string url_, body_;
  int64_t left_;
  int64_t running_ = 0;
  CURLM* const multi_;
  curl_slist* headers_ = nullptr;
};

}  // namespace
}  // namespace rekindle

int main(int argc, char** argv) {
  using namespace rekindle;
  CLI::App cli("Delivery under the durable ledger, and bare.");
  std::string folder, settings, url;
  int64_t count = 0;
  size_t bytes = 200;
  int concurrency = 64;
  CLI::App* fill = cli.add_subcommand("fill");
  fill->add_option("FOLDER", folder)->required();
  fill->add_option("--touches", count)->required();
  fill->add_option("--bytes", bytes);
  CLI::App* send = cli.add_subcommand("send");
  send->add_option("FOLDER", folder)->required();
  send->add_option("--settings", settings)->required();
  CLI::App* bare = cli.add_subcommand("bare");
  bare->add_option("--url", url)->required();
  bare->add_option("--count", count)->required();
  bare->add_option("--bytes", bytes);
  bare->add_option("--concurrency", concurrency);
  cli.require_subcommand(1);
  CLI11_PARSE(cli, argc, argv);
  spdlog::set_level(spdlog::level::warn);
  try {
    nlohmann::json done = {{"ok", true}};
    if (*fill) Fill(folder, count, bytes);
    if (*send) done = Send(folder, settings);
    if (*bare) {
      BareLoop loop(url, count, bytes, concurrency);
      const bench::Stopwatch watch;
      const int64_t bad = loop.Run();
      done = {{"seconds", watch.Seconds()}, {"bad", bad}};
    }
    std::cout << done << std::endl;
    return 0;
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
