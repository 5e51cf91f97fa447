#include "daemon/commands/command.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <poll.h>
#include <pwd.h>
#include <spdlog/spdlog.h>

#include "config/base/words.h"

namespace rekindle {
namespace {

using SessionCommand = int (*)(const CommandLine&, Session&, CommandStreams&);
using LocalCommand = int (*)(const CommandLine&, CommandStreams&);

// The commands that work on a data folder.
const std::map<std::string, SessionCommand> kSessionCommands = {
    {"import", RunImport},   {"recompute", RunRecompute}, {"plan", RunPlan},
    {"run", RunRun},         {"explain", RunExplain},     {"review", RunReview},
    {"export", RunExport},   {"forget", RunForget},       {"store", RunStore},
    {"approve", RunApprove}, {"approvals", RunApprovals}, {"pause", RunPause},
    {"resume", RunResume},   {"channel", RunChannel},     {"settle", RunSettle},
    {"receipt", RunReceipt},
};
// Those that do not.
const std::map<std::string, LocalCommand> kLocalCommands = {
    {"check", RunCheck},
    {"generate", RunGenerate},
    {"schema", RunSchema},
};

int ExitCodeOf(ErrorKind kind) {
  return kind == ErrorKind::kUsage || kind == ErrorKind::kConfiguration
             ? kExitUsage
             : kExitFailed;
}

// The other end of a pipe or a connection.
bool ReaderIsGone(int file) {
  pollfd asked{file, 0, 0};
  return poll(&asked, 1, 0) == 1 && (asked.revents & (POLLERR | POLLHUP)) != 0;
}

// The border where a failing machine becomes a message.
template <class Run>
int Guarded(CommandStreams& streams, Run&& run) {
  try {
    return run();
  } catch (const std::exception& e) {
    spdlog::error("{}", e.what());
    return Report({ErrorKind::kIo, e.what()}, streams);
  }
}

}  // namespace

bool IsLocalCommand(const std::string& command) {
  return kLocalCommands.contains(command);
}

int RunCommand(const CommandLine& line, Session& session,
               CommandStreams& streams) {
  return Guarded(streams, [&] {
    return kSessionCommands.at(line.command)(line, session, streams);
  });
}

int RunLocalCommand(const CommandLine& line, CommandStreams& streams) {
  return Guarded(
      streams, [&] { return kLocalCommands.at(line.command)(line, streams); });
}

std::string UserName(uid_t uid) {
  char buffer[4096];
  passwd entry;
  passwd* found = nullptr;
  getpwuid_r(uid, &entry, buffer, sizeof buffer, &found);
  return found != nullptr ? found->pw_name : fmt::format("uid {}", uid);
}

Result<Instant> AsOf(const CommandLine& line, const Session& session) {
  if (line.as_of.empty()) return session.clock().Now();
  auto at = session.configuration()->engine->calendar.ParseUntil(line.as_of);
  if (at) return *at;
  return Fail(ErrorKind::kUsage, "--as-of: " + at.error().message);
}

RowFormat FormatFor(const CommandLine& line, const CommandStreams& streams) {
  return line.format.value_or(streams.out_is_terminal ? RowFormat::kTable
                                                      : RowFormat::kCsv);
}

Status CheckChannel(const std::string& id, const Session& session) {
  auto configuration = session.configuration();
  if (configuration->FindChannel(id) != nullptr) return {};
  std::vector<std::string> ids;
  for (const Channel& channel : configuration->channels) {
    ids.push_back(channel.id);
  }
  return Fail(ErrorKind::kUsage, fmt::format("there is no channel \"{}\"{}", id,
                                             Suggestion(id, ids)));
}

int FinishOutput(int code, int out_file, CommandStreams& streams) {
  streams.out.flush();
  if (streams.out || code != kExitDone || ReaderIsGone(out_file)) return code;
  return Report({ErrorKind::kIo, "cannot write to standard output"}, streams);
}

int Report(const Error& error, CommandStreams& streams) {
  fmt::print(streams.err, "error: {}\n", error.message);
  return ExitCodeOf(error.kind);
}

}  // namespace rekindle
