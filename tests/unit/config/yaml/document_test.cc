#include "config/yaml/document.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace rekindle::yaml {
namespace {

namespace fs = std::filesystem;

// A folder of files to load; messages are read with its path cut out.
class Loading : public testing::Test {
 protected:
  Loading() {
    std::string name = fs::temp_directory_path() / "rekindle_yaml_XXXXXX";
    dir_ = mkdtemp(name.data());
  }
  ~Loading() override { fs::remove_all(dir_); }

  void Write(const std::string& name, const std::string& text) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }

  // The files loaded ("main a b"), then what was reported.
  std::string Load(const std::string& name = "rekindle.yaml") {
    Diagnostics d;
    auto files = LoadWithIncludes(dir_ / name, d);
    std::string result;
    if (files) {
      result = Short(files->main.position().file->name);
      for (const Node& node : files->included) {
        result += " " + Short(node.position().file->name);
      }
      result += "\n";
    }
    return result + Short(d.Render());
  }

  std::string Short(std::string text) const {
    const std::string path = dir_.string() + "/";
    for (size_t at; (at = text.find(path)) != text.npos;) {
      text.erase(at, path.size());
    }
    return text;
  }

  fs::path dir_;
};

TEST_F(Loading, IncludesByNameAndGlob) {
  Write("rekindle.yaml",
        "include: [rules/*.yaml, rules/wake.yaml, 'te?t.yaml', '*.yaml']\n");
  Write("rules/wake.yaml", "a: 1\n");
  Write("rules/back.yaml", "a: 1\n");
  Write("rules/.#wake.yaml", "broken: [\n");
  Write("rules/wake.yaml~", "broken: [\n");
  Write("rules/deeper.yaml/x.yaml", "broken: [\n");
  Write("test.yaml", "a: 1\n");
  Write("other.yaml", "a: 1\n");
  EXPECT_EQ(Load(),
            "rekindle.yaml rules/back.yaml rules/wake.yaml test.yaml "
            "other.yaml\n");
}

TEST_F(Loading, NoIncludesOrOne) {
  Write("rekindle.yaml", "a: 1\n");
  EXPECT_EQ(Load(), "rekindle.yaml\n");
  Write("rekindle.yaml", "include:\n");
  EXPECT_EQ(Load(), "rekindle.yaml\n");
  Write("rekindle.yaml", "include: conf.d/*.yaml\n");
  Write("conf.d/README", "");
  EXPECT_EQ(Load(), "rekindle.yaml\n");
}

TEST_F(Loading, WrongIncludes) {
  Write("rekindle.yaml",
        "include:\n"
        "  - rules/wake.yaml\n"
        "  - gone/*.yaml\n"
        "  - '*/wake.yaml'\n"
        "  - ''\n"
        "  - folder\n"
        "  - {a: b}\n");
  Write("folder/x.yaml", "a: 1\n");
  EXPECT_EQ(Load(),
            "rekindle.yaml\n"
            "rekindle.yaml:2:5: error: cannot read rules/wake.yaml: No such "
            "file or directory\n"
            "  - rules/wake.yaml\n"
            "    ^\n"
            "rekindle.yaml:3:5: warning: include: there is no folder gone\n"
            "  - gone/*.yaml\n"
            "    ^\n"
            "rekindle.yaml:4:5: error: include: * and ? may stand in the "
            "file's name only, not in a folder's\n"
            "  - '*/wake.yaml'\n"
            "    ^\n"
            "rekindle.yaml:5:5: error: include names no file\n"
            "  - ''\n"
            "    ^\n"
            "rekindle.yaml:6:5: error: cannot read folder: it is a folder\n"
            "  - folder\n"
            "    ^\n"
            "rekindle.yaml:7:5: error: include must be a list of texts, not a "
            "map\n"
            "  - {a: b}\n"
            "    ^\n");
}

// /dev/zero would never end.
TEST_F(Loading, ADeviceIsNotRead) {
  Write("rekindle.yaml", "include: [/dev/zero]\n");
  EXPECT_EQ(Load(),
            "rekindle.yaml\n"
            "rekindle.yaml:1:11: error: cannot read /dev/zero: it is a "
            "device\n"
            "include: [/dev/zero]\n"
            "          ^\n");
}

TEST_F(Loading, AnIncludedFileIncludesNothing) {
  Write("rekindle.yaml", "include: [a.yaml]\n");
  Write("a.yaml", "b: 1\ninclude: [b.yaml]\n");
  EXPECT_EQ(Load(),
            "rekindle.yaml a.yaml\n"
            "a.yaml:2:1: error: an included file cannot include others; list "
            "them in rekindle.yaml\n"
            "include: [b.yaml]\n"
            "^\n");
}

// One broken file hides nothing of the others.
TEST_F(Loading, AllErrorsOfAllFiles) {
  Write("rekindle.yaml", "include: ['?.yaml']\ninclude: ['b.yaml']\n");
  Write("a.yaml", "a: [\n");
  Write("b.yaml", "a: 1\na: 2\n");
  Write("c.yaml", "c: 1\n");
  EXPECT_EQ(Load(),
            "rekindle.yaml b.yaml c.yaml\n"
            "a.yaml:2:1: error: a \"[\" before this is not closed\n"
            "b.yaml:2:1: error: duplicate key \"a\"; it is on line 1 already\n"
            "a: 2\n"
            "^\n"
            "rekindle.yaml:2:1: error: duplicate key \"include\"; it is on "
            "line 1 already\n"
            "include: ['b.yaml']\n"
            "^\n");
}

TEST_F(Loading, AMainFileThatCannotBeRead) {
  EXPECT_EQ(Load(),
            "rekindle.yaml: error: cannot read the file: No such file or "
            "directory\n");
  fs::create_directory(dir_ / "rekindle.yaml");
  EXPECT_EQ(Load(),
            "rekindle.yaml: error: cannot read the file: it is a folder\n");
}

TEST_F(Loading, LoadFileKeepsTheContractOfParse) {
  Write("a.yaml", "a: 1\n");
  Write("b.yaml", "a: 1\na: 2\n");
  Diagnostics d;
  auto node = LoadFile(dir_ / "a.yaml", d);
  ASSERT_TRUE(node && d.ok());
  EXPECT_FALSE(LoadFile(dir_ / "b.yaml", d));
  EXPECT_FALSE(
      LoadFile(dir_ / "c.yaml", d, node->Entries()[0].second.position()));
  EXPECT_EQ(Short(d.Render()),
            "a.yaml:1:4: error: cannot read c.yaml: No such file or "
            "directory\n"
            "a: 1\n"
            "   ^\n"
            "b.yaml:2:1: error: duplicate key \"a\"; it is on line 1 already\n"
            "a: 2\n"
            "^\n");
}

}  // namespace
}  // namespace rekindle::yaml
