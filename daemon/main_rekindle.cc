// rekindle: the operator's command.
#include <signal.h>

#include <string>
#include <vector>

#include "daemon/commands/operator.h"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  return rekindle::RunOperator(std::vector<std::string>(argv + 1, argv + argc));
}
