#include "channels/file/file_adapter.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;

constexpr char kName[] = "wake-20260201T020000Z.csv";

class FileAdapterTest : public ::testing::Test {
 protected:
  std::unique_ptr<Adapter> Open() {
    FileSettings settings;
    settings.dir = dir_;
    return MakeFileAdapter(std::move(settings));
  }
  std::string Content() const { return ReadAll(dir_ / kName); }

  testing::TempDir temp_;
  std::filesystem::path dir_ = temp_.path() / "a" / "handoff";
};

ClaimedTouch Row(const std::string& id,
                 std::vector<std::pair<std::string, std::string>> parts) {
  ClaimedTouch touch = MakeTouch(id);
  touch.parts = std::move(parts);
  return touch;
}

TEST_F(FileAdapterTest, OneRowATouch) {
  const auto adapter = Open();
  const auto outcomes =
      SendAll(*adapter, {Row("t1", {{"name", "Kim"}, {"phone", "138"}}),
                         Row("t2", {{"name", "李雷"}, {"phone", "139"}})});
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(What(outcome), "accepted") << outcome.detail;
    EXPECT_EQ(outcome.provider_id, kName);
  }
  EXPECT_EQ(Content(),
            "touch_id,user_id,name,phone\n"
            "t1,user-t1,Kim,138\n"
            "t2,user-t2,李雷,139\n");
  struct stat info;
  ASSERT_EQ(stat((dir_ / kName).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007, 0) << "it holds personal data";
}

TEST_F(FileAdapterTest, ATouchIsWrittenOnce) {
  const auto first = Open();
  SendAll(*first, {Row("t1", {{"name", "Kim"}})});
  const std::string content = Content();
  EXPECT_EQ(What(SendAll(*first, {Row("t1", {{"name", "other"}})})[0]),
            "accepted");
  EXPECT_EQ(Content(), content) << "same process";
  EXPECT_EQ(What(SendAll(*Open(), {Row("t1", {{"name", "Kim"}})})[0]),
            "accepted");
  EXPECT_EQ(Content(), content) << "after a restart";
  SendAll(*Open(), {Row("t2", {{"name", "Bo"}}), Row("t2", {{"name", "Bo"}})});
  EXPECT_EQ(Content(), content + "t2,user-t2,Bo\n") << "within a batch";
}

TEST_F(FileAdapterTest, AFileThatChangedMeanwhileIsReadAgain) {
  const auto adapter = Open();
  SendAll(*adapter, {Row("t1", {{"name", "Kim"}})});
  std::filesystem::remove(dir_ / kName);
  SendAll(*adapter, {Row("t1", {{"name", "Kim"}})});
  EXPECT_EQ(Content(), "touch_id,user_id,name\nt1,user-t1,Kim\n");
}

TEST_F(FileAdapterTest, ATornLastRowIsCut) {
  const std::string whole = "touch_id,user_id,note\nt1,u1,\"two\nlines\"\n";
  for (const std::string torn :
       {"t2,u2,\"an open quo", "t2,u", "t2,u2,\"a\nb\nc", ""}) {
    std::filesystem::create_directories(dir_);
    WriteAll(dir_ / kName, whole + torn);
    EXPECT_EQ(What(SendAll(*Open(), {Row("t2", {{"note", "new"}})})[0]),
              "accepted");
    EXPECT_EQ(Content(), whole + "t2,user-t2,new\n") << torn;
  }
}

TEST_F(FileAdapterTest, ATornHeaderIsWrittenAgain) {
  std::filesystem::create_directories(dir_);
  WriteAll(dir_ / kName, "touch_id,us");
  SendAll(*Open(), {Row("t1", {{"note", "x"}})});
  EXPECT_EQ(Content(), "touch_id,user_id,note\nt1,user-t1,x\n");
}

// Every prefix of a file is what a crash may leave.
TEST_F(FileAdapterTest, AnyCutIsRepaired) {
  SendAll(*Open(),
          {Row("t1", {{"note", "a \"b\"\nc"}}), Row("t2", {{"note", "d,e"}})});
  const std::string whole = Content();
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    WriteAll(dir_ / kName, whole.substr(0, cut));
    SendAll(*Open(), {Row("t1", {{"note", "a \"b\"\nc"}}),
                      Row("t2", {{"note", "d,e"}})});
    ASSERT_EQ(Content(), whole) << "cut at " << cut;
  }
}

TEST_F(FileAdapterTest, FormulasAreDisarmed) {
  SendAll(*Open(), {Row("t1", {{"=x", "=HYPERLINK(\"http://evil\")"}})});
  EXPECT_EQ(Content(),
            "touch_id,user_id,'=x\n"
            "t1,user-t1,\"'=HYPERLINK(\"\"http://evil\"\")\"\n");
}

TEST_F(FileAdapterTest, VariantsWithOtherPartsWidenTheFile) {
  const auto adapter = Open();
  SendAll(*adapter, {Row("t1", {{"name", "two\nlines"}})});
  SendAll(*adapter, {Row("t2", {{"coupon", "C5"}, {"name", "Bo"}}),
                     Row("t3", {{"name", "Li"}})});
  const std::string wide =
      "touch_id,user_id,name,coupon\n"
      "t1,user-t1,\"two\nlines\",\n"
      "t2,user-t2,Bo,C5\n"
      "t3,user-t3,Li,\n";
  EXPECT_EQ(Content(), wide);
  SendAll(*adapter, {Row("t2", {{"coupon", "C5"}, {"name", "Bo"}}),
                     Row("t4", {{"coupon", "C6"}})});
  EXPECT_EQ(Content(), wide + "t4,user-t4,,C6\n");
  EXPECT_FALSE(std::filesystem::exists(dir_ / (std::string(kName) + ".new")));
}

TEST_F(FileAdapterTest, AFileASlot) {
  ClaimedTouch other = Row("t2", {{"name", "Bo"}});
  other.slot = kSlot + std::chrono::hours(24);
  SendAll(*Open(), {Row("t1", {{"name", "Kim"}}), other});
  EXPECT_EQ(Content(), "touch_id,user_id,name\nt1,user-t1,Kim\n");
  EXPECT_EQ(ReadAll(dir_ / "wake-20260202T020000Z.csv"),
            "touch_id,user_id,name\nt2,user-t2,Bo\n");
}

TEST_F(FileAdapterTest, ChannelsOfOneFolderShareASlotsFile) {
  constexpr int kRows = 100;
  const auto write = [&](const std::string& channel) {
    const auto adapter = Open();
    for (int i = 0; i < kRows; ++i) {
      SendAll(*adapter, {Row(channel + std::to_string(i), {{channel, "x"}})});
    }
  };
  std::thread other([&] { write("calls"); });
  write("letters");
  other.join();
  const std::string content = Content();
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 2 * kRows + 1);
  for (int i = 0; i < kRows; ++i) {
    const std::string n = std::to_string(i);
    EXPECT_NE(content.find("\ncalls" + n + ','), content.npos) << n;
    EXPECT_NE(content.find("\nletters" + n + ','), content.npos) << n;
  }
}

// A file size limit cuts a write in the middle, as a full disk does.
TEST_F(FileAdapterTest, AFullDiskLeavesNoTornRow) {
  const auto adapter = Open();
  SendAll(*adapter, {Row("t1", {{"name", "Kim"}})});
  const std::string before = Content();

  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto old_handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit tight = {before.size() + 10, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto full =
      SendAll(*adapter, {Row("t2", {{"name", "a long name here"}})});
  setrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, old_handler);

  EXPECT_EQ(What(full[0]), "temporary");
  EXPECT_EQ(full[0].detail, (dir_ / kName).string() + ": File too large");
  EXPECT_EQ(Content(), before);
  EXPECT_EQ(What(SendAll(*adapter, {Row("t2", {{"name", "Bo"}})})[0]),
            "accepted");
  EXPECT_EQ(Content(), before + "t2,user-t2,Bo\n");
}

TEST_F(FileAdapterTest, ADeviceWithoutRoom) {
  std::filesystem::create_directories(dir_);
  std::filesystem::create_symlink("/dev/full", dir_ / kName);
  const auto outcomes = SendAll(*Open(), {Row("t1", {{"name", "Kim"}})});
  EXPECT_EQ(What(outcomes[0]), "temporary");
  EXPECT_EQ(outcomes[0].detail,
            (dir_ / kName).string() + ": No space left on device");
}

TEST_F(FileAdapterTest, AFolderThatCannotBeIsAnAccountMatter) {
  WriteAll(temp_.path() / "a", "a file where a folder should be");
  const auto outcomes =
      SendAll(*Open(), {Row("t1", {{"name", "Kim"}}), Row("t2", {})});
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(What(outcome), "account");
    EXPECT_EQ(outcome.detail, dir_.string() + ": Not a directory");
  }
}

TEST_F(FileAdapterTest, SomebodyElsesFileIsLeftAlone) {
  std::filesystem::create_directories(dir_);
  WriteAll(dir_ / kName, "name,amount\nKim,5\n");
  const auto outcomes = SendAll(*Open(), {Row("t1", {{"name", "Kim"}})});
  EXPECT_EQ(What(outcomes[0]), "account");
  EXPECT_EQ(outcomes[0].detail,
            (dir_ / kName).string() + ": not a hand-off file: File exists");
  EXPECT_EQ(Content(), "name,amount\nKim,5\n");
}

TEST_F(FileAdapterTest, ARelativeFolderIsRelativeToTheSettings) {
  const auto channels =
      Channels("list: {type: file, dir: out}", temp_.path() / "rekindle.yaml");
  ASSERT_EQ(channels.size(), 1);
  SendAll(*channels[0].adapter, {Row("t1", {{"name", "Kim"}})});
  EXPECT_TRUE(std::filesystem::exists(temp_.path() / "out" / kName));
}

}  // namespace
}  // namespace rekindle
