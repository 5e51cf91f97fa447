#include "config/state_path.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

namespace rekindle {
namespace {

namespace fs = std::filesystem;

constexpr char kSystemSettings[] = "/etc/rekindle";
constexpr char kSystemState[] = "/var/lib/rekindle";

bool StandsIn(const fs::path& file, const fs::path& folder) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(file, ignored).lexically_normal();
  return std::mismatch(folder.begin(), folder.end(), whole.begin(), whole.end())
             .first == folder.end();
}

fs::path StateFolder(const fs::path& settings_file) {
  if (StandsIn(settings_file, kSystemSettings)) return kSystemState;
  const char* named = std::getenv("STATE_DIRECTORY");
  if (named == nullptr || *named == '\0') return settings_file.parent_path();
  const std::string folders = named;  // joined by ':' where there are several
  return folders.substr(0, folders.find(':'));
}

}  // namespace

fs::path StatePath(const fs::path& settings_file, const fs::path& path) {
  return (StateFolder(settings_file) / path).lexically_normal();
}

}  // namespace rekindle
