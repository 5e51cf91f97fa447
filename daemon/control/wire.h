// What goes over the Unix socket in the data folder: one request, one answer.
//
// The operator's process sends its arguments and, beside them, its own open
// files (SCM_RIGHTS): standard output and error, then the files of an import.
// The daemon runs the command and writes straight to them, so nothing is
// copied through the socket and a sandboxed daemon needs no right to read the
// operator's files. The answer is the exit code.
#pragma once

#include <string>
#include <vector>

#include "config/base/result.h"

namespace rekindle {

struct ControlRequest {
  std::vector<std::string> arguments;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::vector<std::string> file_names;  // of the files after out and err
  std::vector<int> files;               // out, err, then one a name; owned
};

// Blocking; on a socket of one connection. kIo where the peer is gone or what
// it sent cannot be read.
Status SendRequest(int socket, const ControlRequest& request);
Result<ControlRequest> ReceiveRequest(int socket);
Status SendExitCode(int socket, int exit_code);
Result<int> ReceiveExitCode(int socket);

}  // namespace rekindle
