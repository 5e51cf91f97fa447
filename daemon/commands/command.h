// Running one command against an open session: the same code whether the
// operator's process opened the folder or asked the daemon over its socket.
#pragma once

#include <sys/types.h>

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "daemon/commands/command_line.h"
#include "daemon/session/session.h"
#include "engine/import/input_file.h"

namespace rekindle {

// Exit codes; scripts rely on them.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;         // or wrong configuration
inline constexpr int kExitSomeRejected = 3;  // done, but for some of the input

struct CommandStreams {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // The files of `import`, opened by the operator's process.
  std::vector<std::unique_ptr<InputFile>> inputs;
  std::string who;  // the operator's name on this machine, for the record
};

// The name of a user of this machine; "uid 1000" where it has none.
std::string UserName(uid_t uid);

// Runs a command that needs the data folder. Failures are told on `err`.
int RunCommand(const CommandLine& line, Session& session,
               CommandStreams& streams);

// True for commands that need no data folder: check, generate, schema.
bool IsLocalCommand(const std::string& command);
int RunLocalCommand(const CommandLine& line, CommandStreams& streams);

// --- the commands, a file each
int RunCheck(const CommandLine& line, CommandStreams& streams);
int RunSchema(const CommandLine& line, CommandStreams& streams);
int RunGenerate(const CommandLine& line, CommandStreams& streams);
int RunImport(const CommandLine& line, Session& session,
              CommandStreams& streams);
int RunRecompute(const CommandLine& line, Session& session,
                 CommandStreams& streams);
int RunPlan(const CommandLine& line, Session& session, CommandStreams& streams);
int RunRun(const CommandLine& line, Session& session, CommandStreams& streams);
int RunExplain(const CommandLine& line, Session& session,
               CommandStreams& streams);
int RunReview(const CommandLine& line, Session& session,
              CommandStreams& streams);
int RunExport(const CommandLine& line, Session& session,
              CommandStreams& streams);
int RunReceipt(const CommandLine& line, Session& session,
               CommandStreams& streams);
int RunForget(const CommandLine& line, Session& session,
              CommandStreams& streams);
int RunStore(const CommandLine& line, Session& session,
             CommandStreams& streams);
int RunApprove(const CommandLine& line, Session& session,
               CommandStreams& streams);
int RunApprovals(const CommandLine& line, Session& session,
                 CommandStreams& streams);
int RunPause(const CommandLine& line, Session& session,
             CommandStreams& streams);
int RunResume(const CommandLine& line, Session& session,
              CommandStreams& streams);
int RunChannel(const CommandLine& line, Session& session,
               CommandStreams& streams);
int RunSettle(const CommandLine& line, Session& session,
              CommandStreams& streams);

// --- what they share
// --as-of, or the session's now.
Result<Instant> AsOf(const CommandLine& line, const Session& session);
RowFormat FormatFor(const CommandLine& line, const CommandStreams& streams);
// kUsage with a did-you-mean where the settings have no such channel.
Status CheckChannel(const std::string& id, const Session& session);
// Flushes `streams.out`, which writes to the descriptor `out_file`, and returns
// the exit code of the whole: `code`, but a failure, told on `err`, where a
// command was done and not all of its output arrives. A reader who has seen
// enough (`| head`) is no failure.
int FinishOutput(int code, int out_file, CommandStreams& streams);
// Prints `error: ...` and gives the exit code of its kind.
int Report(const Error& error, CommandStreams& streams);

}  // namespace rekindle
