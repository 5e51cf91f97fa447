// tests/support/smtp_server.py as a child process.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace rekindle::channel_testing {

class SmtpServer {
 public:
  static bool Available() {
    return std::system("/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null") ==
           0;
  }

  explicit SmtpServer(std::vector<std::string> options = {}) {
    std::vector<std::string> words = {"/usr/bin/python3", REKINDLE_SOURCE_DIR
                                      "/tests/support/smtp_server.py"};
    words.insert(words.end(), options.begin(), options.end());
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
    child_ = fork();
    if (child_ == 0) Run(words, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    stdin_ = in[1];
    stdout_ = fdopen(out[0], "r");
    const std::string line = ReadLine();
    if (!line.starts_with("port ")) throw std::runtime_error("no mail server");
    port_ = std::stoi(line.substr(5));
  }
  ~SmtpServer() {
    close(stdin_);
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
    fclose(stdout_);
  }
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  int port() const { return port_; }
  // The next message it took; waits for it.
  nlohmann::json NextMail() { return nlohmann::json::parse(ReadLine()); }

 private:
  [[noreturn]] static void Run(std::vector<std::string>& words, int in,
                               int out) {
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  std::string ReadLine() {
    std::string line;
    for (int c = fgetc(stdout_); c != EOF && c != '\n'; c = fgetc(stdout_)) {
      line += static_cast<char>(c);
    }
    return line;
  }

  pid_t child_ = -1;
  int stdin_ = -1;
  FILE* stdout_ = nullptr;
  int port_ = 0;
};

}  // namespace rekindle::channel_testing
