#include "config/secret.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/yaml/document.h"

namespace rekindle {
namespace {

namespace fs = std::filesystem;

constexpr char kValue[] = "hunter2";

class SecretTest : public testing::Test {
 protected:
  SecretTest() {
    std::string name = fs::temp_directory_path() / "rekindle_secret_XXXXXX";
    dir_ = mkdtemp(name.data());
    setenv("REKINDLE_TEST_SECRET", kValue, 1);
    setenv("REKINDLE_TEST_EMPTY", "", 1);
    setenv("CREDENTIALS_DIRECTORY", (dir_ / "credentials").c_str(), 1);
  }
  ~SecretTest() override {
    fs::remove_all(dir_);
    unsetenv("REKINDLE_TEST_SECRET");
    unsetenv("REKINDLE_TEST_EMPTY");
    unsetenv("CREDENTIALS_DIRECTORY");
  }

  void Write(const std::string& name, const std::string& text) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }

  // The secret, or what is reported about it, the folder's path cut out.
  std::string Read(const std::string& text) {
    yaml::Diagnostics d;
    auto root =
        yaml::Parse((dir_ / "a.yaml").string(), "secret: " + text + "\n", d);
    if (!root) return d.Render();
    auto secret = ParseSecret(root->Entries()[0].second, d, "secret");
    EXPECT_EQ(secret.has_value(), d.ok()) << text;
    if (secret) return secret->Reveal();
    std::string rendered = d.Render();
    EXPECT_EQ(rendered.find(kValue), std::string::npos) << rendered;
    const std::string path = dir_.string() + "/";
    for (size_t at; (at = rendered.find(path)) != rendered.npos;) {
      rendered.erase(at, path.size());
    }
    return rendered;
  }

  fs::path dir_;
};

TEST_F(SecretTest, ComesFromThreeSources) {
  Write("secrets/key", "hunter2\n");
  Write("crlf", "hunter2\r\n");
  Write("spaces", " two words \n\n");
  Write("credentials/token", "hunter2");
  EXPECT_EQ(Read("{env: REKINDLE_TEST_SECRET}"), kValue);
  EXPECT_EQ(Read("{file: secrets/key}"), kValue);
  EXPECT_EQ(Read("{file: " + (dir_ / "secrets/key").string() + "}"), kValue);
  EXPECT_EQ(Read("{file: crlf}"), kValue);
  EXPECT_EQ(Read("{file: spaces}"), " two words \n");
  EXPECT_EQ(Read("{credential: token}"), kValue);
}

// Nor is the line shown that it stands on.
TEST_F(SecretTest, IsNeverWrittenInPlaceAndNeverEchoed) {
  const std::string message =
      ": error: secret must be {env: NAME}, {file: PATH} or {credential: "
      "NAME}; a secret is never written in a settings file\n";
  struct {
    const char* text;
    const char* at;
  } rows[] = {
      {"hunter2", "a.yaml:1:9"},
      {"\"hunter2\"", "a.yaml:1:9"},
      {"[hunter2]", "a.yaml:1:9"},
      {"{value: hunter2}", "a.yaml:1:9"},
      {"{hunter2: x}", "a.yaml:1:9"},
      {"{env: X, value: hunter2}", "a.yaml:1:9"},
      {"{env: [hunter2]}", "a.yaml:1:9"},
      {"{env: ''}", "a.yaml:1:9"},
      {"{}", "a.yaml:1:9"},
      {"", "a.yaml:1:1"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Read(row.text), row.at + message) << row.text;
  }
}

TEST_F(SecretTest, SaysWhereItIsMissing) {
  Write("empty", "\n");
  Write("long", std::string(70000, 'x'));
  Write("credentials/none", "");
  struct {
    const char* text;
    const char* rendered;
  } rows[] = {
      {"{env: REKINDLE_TEST_UNSET}",
       "a.yaml:1:15: error: secret: the environment variable "
       "REKINDLE_TEST_UNSET is not set\n"
       "secret: {env: REKINDLE_TEST_UNSET}\n"
       "              ^\n"},
      {"{env: REKINDLE_TEST_EMPTY}",
       "a.yaml:1:15: error: secret: the environment variable "
       "REKINDLE_TEST_EMPTY is empty\n"
       "secret: {env: REKINDLE_TEST_EMPTY}\n"
       "              ^\n"},
      {"{file: gone}",
       "a.yaml:1:16: error: secret: the file gone cannot be read\n"
       "secret: {file: gone}\n"
       "               ^\n"},
      {"{file: credentials}",
       "a.yaml:1:16: error: secret: the file credentials cannot be read\n"
       "secret: {file: credentials}\n"
       "               ^\n"},
      {"{file: empty}",
       "a.yaml:1:16: error: secret: the file empty is empty\n"
       "secret: {file: empty}\n"
       "               ^\n"},
      {"{file: long}",
       "a.yaml:1:16: error: secret: the file long is too long for a secret\n"
       "secret: {file: long}\n"
       "               ^\n"},
      {"{credential: none}",
       "a.yaml:1:22: error: secret: the file credentials/none is empty\n"
       "secret: {credential: none}\n"
       "                     ^\n"},
      {"{credential: ../empty}",
       "a.yaml:1:22: error: secret: a credential is named without a path\n"
       "secret: {credential: ../empty}\n"
       "                     ^\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Read(row.text), row.rendered) << row.text;
  }
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(Read("{credential: token}"),
            "a.yaml:1:22: error: secret: CREDENTIALS_DIRECTORY is not set "
            "(systemd sets it where the unit has LoadCredential=)\n"
            "secret: {credential: token}\n"
            "                     ^\n");
}

}  // namespace
}  // namespace rekindle
