// Settings of a `type: file` channel; README.md explains each.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/yaml/node.h"

namespace rekindle {

struct FileSettings {
  std::filesystem::path dir;
  std::vector<std::string> needs;  // profile keys a user must have
};

// Takes every key but `type`; nothing where something is wrong.
std::optional<FileSettings> ParseFileSettings(yaml::Section& section);

}  // namespace rekindle
