// rekindle: the operator's command.
#include <signal.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "daemon/control/operator.h"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  umask(umask(0077) | 0027);  // what users did is nobody else's business
  return rekindle::RunOperator(std::vector<std::string>(argv + 1, argv + argc));
}
