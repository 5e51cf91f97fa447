// A whole configuration, as `rekindle check` reads it: either it is loaded, or
// every error has its place.
#include <cstdio>
#include <filesystem>

#include "daemon/session/configuration.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/temp_dir.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  static const testing::TempDir dir;
  const auto file = dir.Write("rekindle.yaml", fuzz::TextOf(data, size));
  yaml::Diagnostics d;
  const auto configuration = LoadConfiguration(file, d);
  fuzz::Require((configuration != nullptr) == d.ok(),
                "there is a configuration, or an error");
  fuzz::RequirePlaces(d);
  return 0;
}
