// Decisions per second: 500 rules over the generated users, one tick, beside
// SQLite alone.
//   rekindle_bench_decide FOLDER --users 1000000 --rules 500
// Makes the data folder and removes it. Prints one object:
//   plan, run      {"decisions", "touches", "seconds"}: the tick of all rules
//   send           the same, of one rule that sends to everybody it matches
//   rows           {"rows", "seconds"}: as many rows as `run` decided, inserted
//                  into the plainest table there is
//   touches        {"rows", "seconds"}: the touches of `send` with their texts,
//                  inserted into a ledger's tables and nothing else
#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/yaml/document.h"
#include "engine/ledger/schema.h"
#include "engine/settings/settings_parser.h"
#include "rules/planner.h"
#include "tests/bench/programs/fill.h"
#include "tests/bench/programs/stopwatch.h"

namespace rekindle::bench {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kAsOf = "2024-12-31T10:00:00+08:00";
constexpr size_t kUsersAtOnce = 20'000;

std::string SettingsYaml() {
  std::string text = "time_zone: Asia/Shanghai\nbehaviors:\n";
  for (std::string_view name : kBehaviorNames) {
    text += fmt::format("  {}: {{event: {}}}\n", name, name);
  }
  text += "preferences:\n  labels:\n";
  for (std::string_view name : kBehaviorNames) {
    text += fmt::format("    likes_{}: {{behavior: {}}}\n", name, name);
  }
  return text + "consent: {topics: [offers, service]}\n";
}

// Rules of every kind, each for some part of the users.
std::string RulesYaml(int count) {
  std::string text =
      "templates:\n"
      "  plain:\n"
      "    push: {title: Come back}\n"
      "    mail: {subject: Come back, text: We miss you}\n"
      "  named:\n"
      "    push: {title: \"{{nickname}}, come back\"}\n"
      "    mail: {subject: \"{{nickname}}\", text: \"{{state}}\"}\n"
      "rules:\n";
  const char* states[] = {"[dormant, churned]", "[active, woken]", "churned",
                          "[new, previous_new, returned]"};
  const char* limits[] = {"{per_episode: 1}", "{every: 7 days}",
                          "{per_episode: 2, per_run: 5000}",
                          "{every: 1 month, ramp: [50%, 100%]}"};
  for (int i = 0; i < count; ++i) {
    text += fmt::format(
        "  - id: r{0}\n"
        "    when: {{lifecycle: {1}, inactive: {2} days, did: {{behavior: {3}, "
        "within: 3 months}}}}\n"
        "    topic: {4}\n"
        "    send: {{channel: {5}, template: {6}}}\n"
        "    schedule: daily 10:00\n"
        "    limits: {7}\n"
        "    priority: {8}\n"
        "    hold_out: 10%\n"
        "{9}",
        i, states[i % 4], 1 + i % 9, kBehaviorNames[i % kBehaviors],
        i % 2 == 0 ? "offers" : "service",
        i % 3 == 0   ? "push"
        : i % 3 == 1 ? "[push, mail]"
                     : "[mail, push]",
        i % 5 == 0 ? "named" : "plain", limits[i % 4], i % 7,
        i % 2 == 0 ? "    window: 09:00-21:00\n" : "");
  }
  return text;
}

// One rule that sends to everybody, for what writing touches takes.
std::string SendYaml() {
  return "caps: []\n"
         "templates: {plain: {push: {title: Come back}}}\n"
         "rules:\n"
         "  - id: send\n"
         "    when: {never_active: false}\n"
         "    send: {channel: push, template: plain}\n"
         "    schedule: daily 10:00\n"
         "    goal: {behavior: search, within: 7 days}\n";
}

std::vector<ChannelFacts> Channels() {
  return {{.id = "push",
           .type = "webhook",
           .address_field = "push_token",
           .required_parts = {"title"}},
          {.id = "mail",
           .type = "smtp",
           .address_field = "email",
           .required_parts = {"subject", "text"}}};
}

std::shared_ptr<const EngineSettings> Settings() {
  yaml::Diagnostics d;
  const auto node = yaml::Parse("rekindle.yaml", SettingsYaml(), d);
  yaml::Section main(*node, d, "the configuration");
  std::vector<yaml::Section> included;
  auto settings =
      std::make_shared<EngineSettings>(ParseEngineSettings(main, included, d));
  if (!d.ok()) throw std::runtime_error(d.Render());
  return settings;
}

std::shared_ptr<const RuleSet> Rules(const std::string& text,
                                     const EngineSettings& settings) {
  yaml::Diagnostics d;
  const auto node = yaml::Parse("rules.yaml", text, d);
  if (!node) throw std::runtime_error(d.Render());
  yaml::Section section(*node, d, "the rules");
  auto rules = std::make_shared<RuleSet>(
      ParseRules({&section}, VocabularyOf(settings), Channels(), settings, d));
  if (!d.ok()) throw std::runtime_error(d.Render());
  return rules;
}

// Addresses for most, a zone of their own for some.
void PutProfiles(Engine& engine, const EngineSettings& settings) {
  // The snapshot keeps writers out: it is gone before anything is put.
  auto facts = engine.At(settings.calendar.ParseUntil(kAsOf).value());
  std::vector<Engine::UserRow> rows;
  for (UserNumber user = 0; user < facts->users().size(); ++user) {
    std::string profile = fmt::format(R"({{"nickname":"N{}")", user % 1000);
    if (user % 10 != 0) profile += fmt::format(R"(,"push_token":"t{}")", user);
    if (user % 10 > 3) profile += fmt::format(R"(,"email":"u{}@x.cn")", user);
    if (user % 13 == 0) profile += R"(,"time_zone":"Europe/Berlin")";
    rows.push_back({.user_id = std::string(facts->users().IdOf(user)),
                    .json_object = profile + "}"});
    if (user % 17 == 0) rows.back().consents = {{"offers", false}};
  }
  facts.reset();
  for (size_t i = 0; i < rows.size(); i += kUsersAtOnce) {
    const size_t count = std::min(kUsersAtOnce, rows.size() - i);
    engine.PutUsers({rows.data() + i, count});
  }
}

Json Measure(Planner& planner, Instant as_of, bool write) {
  const Stopwatch watch;
  const auto plans = write ? planner.Run(as_of, {}) : planner.Plan(as_of, {});
  const double seconds = watch.Seconds();
  int64_t decisions = 0, touches = 0;
  for (const SlotPlan& plan : plans) {
    if (plan.verdict != SlotVerdict::kWorked) {
      throw std::runtime_error("rule " + plan.rule_id + " was not worked");
    }
    decisions += static_cast<int64_t>(plan.candidates.size());
    touches +=
        std::count_if(plan.candidates.begin(), plan.candidates.end(), IsTouch);
  }
  return {{"decisions", decisions}, {"touches", touches}, {"seconds", seconds}};
}

SQLite::Database Open(const std::filesystem::path& file) {
  SQLite::Database db(file.string(),
                      SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA cache_size = -65536");
  return db;
}

// Who, by which rule, and what: nothing else, no key.
Json InsertRows(const std::filesystem::path& folder, int64_t count) {
  SQLite::Database db = Open(folder / "rows.db");
  db.exec("CREATE TABLE decisions (rule INT, user INT, decision TEXT)");
  SQLite::Statement put(db, "INSERT INTO decisions VALUES (?, ?, ?)");
  const std::string send = "send";
  const Stopwatch watch;
  SQLite::Transaction transaction(db);
  for (int64_t i = 0; i < count; ++i) {
    put.bind(1, i % 500);
    put.bind(2, i / 500);
    put.bindNoCopy(3, send);
    put.exec();
    put.reset();
  }
  transaction.commit();
  return {{"rows", count}, {"seconds", watch.Seconds()}};
}

// A stored row as texts and numbers, to be inserted again.
struct StoredRow {
  std::vector<std::string> texts;
  std::vector<int64_t> numbers;
};

constexpr const char* kTexts[] = {
    "touch_id", "rule_id",     "rule_version", "arm",   "variant",
    "channel",  "template_id", "topic",        "state", "goal"};
constexpr const char* kNumbers[] = {"id",         "user",       "slot",
                                    "step",       "planned_at", "due_at",
                                    "expires_at", "marketing",  "goal_until"};

std::string Columns() {
  std::string names;
  for (const char* name : kTexts) names += std::string(name) + ", ";
  for (const char* name : kNumbers) names += std::string(name) + ", ";
  return names.substr(0, names.size() - 2);
}

std::vector<StoredRow> ReadTouches(SQLite::Database& db) {
  SQLite::Statement get(
      db, "SELECT " + Columns() + " FROM touches WHERE rule_id = 'send'");
  std::vector<StoredRow> rows;
  while (get.executeStep()) {
    StoredRow row;
    int column = 0;
    for (size_t i = 0; i < std::size(kTexts); ++i) {
      row.texts.push_back(get.getColumn(column++).getString());
    }
    for (size_t i = 0; i < std::size(kNumbers); ++i) {
      row.numbers.push_back(get.getColumn(column++).getInt64());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Json InsertTouches(const std::filesystem::path& folder, Engine& engine) {
  const auto rows =
      engine.store().Read([](SQLite::Database& db) { return ReadTouches(db); });
  SQLite::Database db = Open(folder / "touches.db");
  db.exec(kLedgerSchema);
  db.exec(kCapSchema);
  std::string places = "?";
  for (size_t i = 1; i < std::size(kTexts) + std::size(kNumbers); ++i) {
    places += ", ?";
  }
  SQLite::Statement touch(
      db, "INSERT INTO touches (" + Columns() + ") VALUES (" + places + ")");
  SQLite::Statement contents(db, "INSERT INTO touch_contents VALUES (?, ?)");
  const std::string text = R"([["push",[["title","Come back"]]]])";
  const Stopwatch watch;
  SQLite::Transaction transaction(db);
  for (const StoredRow& row : rows) {
    int column = 0;
    for (const std::string& value : row.texts) {
      touch.bindNoCopy(++column, value);
    }
    for (int64_t value : row.numbers) touch.bind(++column, value);
    touch.exec();
    touch.reset();
    contents.bind(1, row.numbers[0]);
    contents.bindNoCopy(2, text);
    contents.exec();
    contents.reset();
  }
  transaction.commit();
  return {{"rows", rows.size()}, {"seconds", watch.Seconds()}};
}

void Run(const std::filesystem::path& folder, uint32_t users, int rules) {
  std::filesystem::create_directories(folder);
  const auto settings = Settings();
  auto opened = Engine::Open(folder / "data", settings);
  if (!opened) throw std::runtime_error(opened.error().message);
  Engine& engine = **opened;
  FillOptions fill;
  fill.users = users;
  fill.stream.part = ParsePart("state").value();
  Fill(engine, fill);
  PutProfiles(engine, *settings);
  engine.Checkpoint();

  const Instant as_of = settings->calendar.ParseUntil(kAsOf).value();
  Planner all(engine, Rules(RulesYaml(rules), *settings), Channels());
  Planner one(engine, Rules(SendYaml(), *settings), Channels());
  Json answer;
  answer["plan"] = Measure(all, as_of, false);
  answer["run"] = Measure(all, as_of, true);
  answer["rows"] =
      InsertRows(folder, answer["run"]["decisions"].get<int64_t>());
  answer["send"] = Measure(one, as_of, true);
  answer["touches"] = InsertTouches(folder, engine);
  std::cout << answer << "\n";
}

}  // namespace
}  // namespace rekindle::bench

int main(int argc, char** argv) {
  std::filesystem::path folder;
  uint32_t users = 200'000;
  int rules = 500;
  CLI::App app("Decisions of many rules over many users.");
  app.add_option("folder", folder, "a new one; removed")->required();
  app.add_option("--users", users);
  app.add_option("--rules", rules);
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::err);
  int code = 0;
  try {
    rekindle::bench::Run(folder, users, rules);
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    code = 1;
  }
  std::filesystem::remove_all(folder);
  return code;
}
