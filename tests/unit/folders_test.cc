// The sources' folders stand upon each other, as README.md says ("The house"):
// of the top ones daemon -> channels, rules -> engine -> config, and below them
// no folder leads back to itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "config/base/words.h"

namespace rekindle {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// By folder, those whose headers its files include.
using Includes = std::map<std::string, std::set<std::string>>;

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

void AddIncludesOf(const std::filesystem::path& file, const std::string& folder,
                   Includes* includes) {
  static const std::regex kInclude(R"re(#include "(.*)")re");
  std::ifstream lines(file);
  std::smatch found;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_match(line, found, kInclude)) continue;
    const std::string included = FolderOf(found[1]);
    if (included != folder) (*includes)[folder].insert(included);
  }
}

Includes IncludesOf(const std::string& top) {
  const std::filesystem::path root = REKINDLE_SOURCE_DIR;
  Includes includes;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root / top)) {
    const auto kind = entry.path().extension();
    if (kind != ".cc" && kind != ".h") continue;
    const auto folder = std::filesystem::relative(entry.path(), root);
    AddIncludesOf(entry.path(), FolderOf(folder.generic_string()), &includes);
  }
  return includes;
}

// A way from a folder back to itself, if there is one: "a > b > a".
class WayRound {
 public:
  explicit WayRound(const Includes& includes) : includes_(includes) {}

  std::string Find() {
    for (const auto& [folder, unused] : includes_) {
      if (GoesRound(folder)) return Join(way_, " > ");
    }
    return "";
  }

 private:
  bool GoesRound(const std::string& folder) {
    const auto begun = std::find(way_.begin(), way_.end(), folder);
    if (begun != way_.end()) {
      way_.erase(way_.begin(), begun);
      way_.push_back(folder);
      return true;
    }
    if (!done_.insert(folder).second) return false;
    way_.push_back(folder);
    const auto next = includes_.find(folder);
    if (next != includes_.end()) {
      for (const std::string& included : next->second) {
        if (GoesRound(included)) return true;
      }
    }
    way_.pop_back();
    return false;
  }

  const Includes& includes_;
  std::vector<std::string> way_;
  std::set<std::string> done_;
};

std::set<std::string> TopsIncludedBy(const std::string& top) {
  std::set<std::string> tops;
  for (const auto& [folder, included] : IncludesOf(top)) {
    for (const std::string& other : included) {
      tops.insert(other.substr(0, other.find('/')));
    }
  }
  tops.erase(top);
  return tops;
}

TEST(Folders, TopOnesIncludeWhatStandsBelowThem) {
  EXPECT_THAT(TopsIncludedBy("config"), IsEmpty());
  EXPECT_THAT(TopsIncludedBy("engine"), ElementsAre("config"));
  EXPECT_THAT(TopsIncludedBy("rules"), ElementsAre("config", "engine"));
  EXPECT_THAT(TopsIncludedBy("channels"), ElementsAre("config", "engine"));
  EXPECT_THAT(TopsIncludedBy("daemon"),
              ElementsAre("channels", "config", "engine", "rules"));
}

TEST(Folders, NoneLeadsBackToItself) {
  for (const std::string top :
       {"config", "engine", "rules", "channels", "daemon"}) {
    const Includes includes = IncludesOf(top);
    EXPECT_THAT(includes, Not(IsEmpty()));
    EXPECT_EQ(WayRound(includes).Find(), "") << top;
  }
}

TEST(Folders, AWayBackIsFound) {
  const Includes includes = {
      {"a", {"b"}}, {"b", {"c", "d"}}, {"d", {"e"}}, {"e", {"b"}}};
  EXPECT_EQ(WayRound(includes).Find(), "b > d > e > b");
}

}  // namespace
}  // namespace rekindle
