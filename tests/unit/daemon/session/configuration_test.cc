// Tests daemon/session/configuration.cc: the one loader, over whole files.
#include "daemon/session/configuration.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

std::string Load(const std::filesystem::path& file) {
  yaml::Diagnostics d;
  auto configuration = LoadConfiguration(file, d);
  return configuration ? "ok: " + Describe(*configuration) : d.Render();
}

TEST(Configuration, ShippedExamplesLoad) {
  std::filesystem::path examples =
      std::filesystem::path(REKINDLE_SOURCE_DIR) / "config" / "examples";
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(examples)) {
    // Single channels to copy from: http_request_adapter_test.cc sends them.
    if (entry.path().filename() == "channels") continue;
    ++found;
    EXPECT_EQ(Load(entry.path() / "rekindle.yaml").substr(0, 3), "ok:")
        << Load(entry.path() / "rekindle.yaml");
  }
  EXPECT_GE(found, 1);
}

// The indented block of the README that begins with `# rekindle.yaml`.
std::string ReadmeExample() {
  std::ifstream in(std::string(REKINDLE_SOURCE_DIR) + "/README.md");
  std::string line, text;
  bool inside = false;
  while (std::getline(in, line)) {
    if (line == "    # rekindle.yaml") inside = true;
    if (!inside) continue;
    if (line.empty()) break;
    text += line.substr(4) + "\n";
  }
  return text;
}

TEST(Configuration, TheReadmesExampleLoads) {
  testing::TempDir dir;
  std::ofstream(dir.path() / "rekindle.yaml") << ReadmeExample();
  EXPECT_EQ(Load(dir.path() / "rekindle.yaml"),
            "ok: 1 rule, 1 template, 1 channel, 0 segments, 3 behaviors, 1 "
            "label");
}

TEST(Configuration, Notices) {
  const std::string channels =
      "channels:\n"
      "  ops: {type: file, dir: out}\n"
      "  mail: {type: smtp, host: 127.0.0.1, from: a@b.example}\n";
  const struct {
    std::string settings, message;
  } kRows[] = {
      {channels + "notices: {channel: ops}\n", "ok:"},
      {channels + "notices: {channel: mail, to: ops@b.example}\n", "ok:"},
      {channels + "notices: {channel: opz}\n",
       "there is no channel \"opz\"; did you mean \"ops\"?"},
      {channels + "notices: {channel: mail}\n",
       "channel \"mail\" writes to addresses: say \"to\" in notices"},
      {channels + "  push: {type: file, dir: push, notify: opz}\n",
       "there is no channel \"opz\"; did you mean \"ops\"?"},
      {channels + "  push: {type: file, dir: push, notify: push}\n",
       "a channel cannot tell of itself"},
  };
  for (const auto& row : kRows) {
    testing::TempDir dir;
    std::ofstream(dir.path() / "rekindle.yaml") << row.settings;
    const std::string text = Load(dir.path() / "rekindle.yaml");
    EXPECT_NE(text.find(row.message), std::string::npos) << row.settings << "\n"
                                                         << text;
  }
}

TEST(Configuration, AllErrorsOfAllFilesAtOnce) {
  testing::TempDir dir;
  std::ofstream(dir.path() / "rekindle.yaml")
      << "data_dirr: data\n"
         "include: [more.yaml]\n"
         "activity: app_opn\n"
         "behaviors:\n"
         "  app_open: {event: app_open}\n"
         "pages: {listen: 8080}\n";
  std::ofstream(dir.path() / "more.yaml")
      << "rules:\n"
         "  - id: wake\n"
         "    when: {prefers: shop}\n"
         "    send: {channel: puhs, template: hello}\n"
         "    schedule: dayly 10:00\n";
  std::string text = Load(dir.path() / "rekindle.yaml");
  for (const char* part :
       {"rekindle.yaml:1:1: error: ", "did you mean \"data_dir\"?",
        "rekindle.yaml:3:11: error: ", "did you mean \"app_open\"?",
        "rekindle.yaml:6:17: error: listen must be HOST:PORT, such as "
        "\"127.0.0.1:8080\", not \"8080\"",
        "more.yaml:3:21: error: ", "more.yaml:4:21: error: ",
        "more.yaml:5:15: error: "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
}

TEST(Configuration, AChannelDefinedTwiceNamesBothPlaces) {
  testing::TempDir dir;
  std::ofstream(dir.path() / "rekindle.yaml")
      << "include: [b.yaml]\n"
         "channels:\n"
         "  out: {type: file, dir: a}\n";
  std::ofstream(dir.path() / "b.yaml") << "channels:\n"
                                          "  out: {type: file, dir: b}\n";
  std::string text = Load(dir.path() / "rekindle.yaml");
  EXPECT_NE(text.find("b.yaml:2:3: error: channel \"out\" is defined twice; "
                      "first at "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("rekindle.yaml:3"), std::string::npos) << text;
}

TEST(Configuration, DataDirIsFoundInAFileWithErrors) {
  testing::TempDir dir;
  std::ofstream(dir.path() / "rekindle.yaml")
      << "data_dir: here\nnonsense: 1\n";
  EXPECT_EQ(FindDataDir(dir.path() / "rekindle.yaml"), dir.path() / "here");
}

}  // namespace
}  // namespace rekindle
