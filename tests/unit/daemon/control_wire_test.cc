// Tests daemon/control/wire.cc: requests with files over a Unix socket.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "daemon/control/wire.h"

namespace rekindle {
namespace {

class Wire : public ::testing::Test {
 protected:
  Wire() { socketpair(AF_UNIX, SOCK_STREAM, 0, ends_); }
  ~Wire() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  // The text's length goes first, with output and error beside it.
  void SendWithTwoFiles(const std::string& text) {
    uint32_t length = static_cast<uint32_t>(text.size());
    const int files[] = {STDOUT_FILENO, STDERR_FILENO};
    iovec part{&length, sizeof length};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof files)] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof files);
    std::memcpy(CMSG_DATA(rights), files, sizeof files);
    ASSERT_EQ(sendmsg(ends_[0], &message, 0), ssize_t{sizeof length});
    ASSERT_EQ(write(ends_[0], text.data(), text.size()), std::ssize(text));
  }

  int ends_[2];
};

TEST_F(Wire, ARequestArrivesWithItsFiles) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  ControlRequest asked;
  asked.arguments = {"import", "活动.csv"};
  asked.file_names = {"活动.csv"};
  asked.files = {STDOUT_FILENO, STDERR_FILENO, pipe_ends[0]};
  asked.err_is_terminal = true;
  ASSERT_TRUE(SendRequest(ends_[0], asked));

  auto got = ReceiveRequest(ends_[1]);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->arguments, asked.arguments);
  EXPECT_EQ(got->file_names, asked.file_names);
  EXPECT_TRUE(got->err_is_terminal);
  EXPECT_FALSE(got->out_is_terminal);
  // The third file is the pipe: what goes in there comes out here.
  ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);
  char c = 0;
  EXPECT_EQ(read(got->files[2], &c, 1), 1);
  EXPECT_EQ(c, 'x');
  for (int file : got->files) close(file);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_F(Wire, TheExitCodeComesBack) {
  ASSERT_TRUE(SendExitCode(ends_[0], 3));
  EXPECT_EQ(ReceiveExitCode(ends_[1]).value(), 3);
}

// As another version might send it.
TEST_F(Wire, ValuesOfAnotherKindAreErrors) {
  for (const char* text : {
           R"({"arguments":"check","file_names":[]})",
           R"({"arguments":[1],"file_names":[]})",
           R"({"arguments":[],"file_names":{}})",
           R"({"arguments":[],"file_names":[],"out_is_terminal":"yes"})",
       }) {
    SendWithTwoFiles(text);
    EXPECT_EQ(ReceiveRequest(ends_[1]).error().message,
              "not a request of this version of rekindle")
        << text;
  }
}

TEST_F(Wire, GarbageAndHangUpsAreErrors) {
  ASSERT_EQ(write(ends_[0], "\x05\0\0\0hello", 9), 9);
  EXPECT_EQ(ReceiveRequest(ends_[1]).error().message,
            "not a request of this version of rekindle");
  shutdown(ends_[0], SHUT_WR);
  EXPECT_EQ(ReceiveRequest(ends_[1]).error().message,
            "the other side closed early");
  EXPECT_EQ(ReceiveExitCode(ends_[1]).error().message,
            "the other side closed early");
}

}  // namespace
}  // namespace rekindle
