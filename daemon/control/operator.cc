#include "daemon/control/operator.h"

#include <fmt/format.h>
#include <pwd.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "daemon/commands/command.h"
#include "daemon/control/control_client.h"

namespace rekindle {
namespace {

CommandStreams Terminal() {
  return {std::cout,
          std::cerr,
          isatty(STDOUT_FILENO) == 1,
          isatty(STDERR_FILENO) == 1,
          {},
          UserName(getuid())};
}

// Who gives the command; behind sudo, who called it.
std::string Person() {
  for (const char* name : {"SUDO_USER", "USER"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  const passwd* entry = getpwuid(geteuid());
  return entry == nullptr ? std::to_string(geteuid()) : entry->pw_name;
}

// No daemon runs: this process opens the folder itself.
int RunHere(const CommandLine& line, const std::filesystem::path& file) {
  CommandStreams streams = Terminal();
  yaml::Diagnostics diagnostics;
  auto configuration = LoadConfiguration(file, diagnostics);
  if (!configuration) {
    streams.err << diagnostics.Render();
    return kExitUsage;
  }
  for (const std::string& name : line.files) {
    auto input = InputFile::Open(name);
    if (!input) return Report(input.error(), streams);
    streams.inputs.push_back(std::move(*input));
  }
  SystemClock clock;
  auto session = Session::Open(configuration, clock);
  if (!session) return Report(session.error(), streams);
  return RunCommand(line, **session, streams);
}

int RunInFolder(const CommandLine& line,
                const std::vector<std::string>& arguments) {
  CommandStreams streams = Terminal();
  auto file = FindConfiguration(line.config);
  if (!file) return Report(file.error(), streams);
  if (auto data_dir = FindDataDir(*file)) {
    auto code = AskDaemon(*data_dir, arguments, line.files);
    if (!code) return Report(code.error(), streams);
    if (*code) return **code;
  }
  return RunHere(line, *file);
}

}  // namespace

int RunOperator(const std::vector<std::string>& given) {
  std::ios::sync_with_stdio(false);
  std::vector<std::string> arguments = given;
  ParsedCommand parsed = ParseCommandLine(arguments);
  if (!parsed.line) {
    (parsed.exit_code == kExitDone ? std::cout : std::cerr) << parsed.text;
    return parsed.exit_code;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("rekindle"));
  spdlog::set_pattern("%l: %v");
  spdlog::set_level(spdlog::level::from_str(parsed.line->log_level));
  if (parsed.line->by.empty() && RecordsPerson(*parsed.line)) {
    parsed.line->by = Person();
    // Right behind the command: nothing is an option any more behind a `--`.
    arguments.insert(arguments.begin() + 1, "--by=" + parsed.line->by);
  }
  CommandStreams streams = Terminal();
  int code;
  try {
    code = IsLocalCommand(parsed.line->command)
               ? RunLocalCommand(*parsed.line, streams)
               : RunInFolder(*parsed.line, arguments);
  } catch (const std::exception& e) {
    code = Report({ErrorKind::kIo, e.what()}, streams);
  }
  return FinishOutput(code, STDOUT_FILENO, streams);
}

}  // namespace rekindle
