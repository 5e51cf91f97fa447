// Where the files stand that Rekindle writes: a service's settings in /etc are
// no place for them.
#pragma once

#include <filesystem>

namespace rekindle {

// An absolute path stays as it is. A relative one is below
//   /var/lib/rekindle, where the settings stand in /etc/rekindle: the daemon
//     and whoever gives a command find the same folder,
//   else $STATE_DIRECTORY, where the service manager sets it,
//   else the folder of the settings file.
std::filesystem::path StatePath(const std::filesystem::path& settings_file,
                                const std::filesystem::path& path);

}  // namespace rekindle
