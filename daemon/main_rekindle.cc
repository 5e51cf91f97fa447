// rekindle: the operator's command.
#include <malloc.h>
#include <signal.h>

#include <string>
#include <vector>

#include "daemon/commands/operator.h"

namespace {

// The process ends soon. What it frees (an import does so with blocks of many
// megabytes) is used again, not given back to the system page by page.
void KeepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most there is
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  KeepFreedMemory();
  return rekindle::RunOperator(std::vector<std::string>(argv + 1, argv + argc));
}
