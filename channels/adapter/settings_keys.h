// Keys that the settings of several adapters share.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "config/yaml/node.h"

namespace rekindle {

// `text` as a path; a relative one is relative to the settings file the node
// stands in.
std::filesystem::path SettingsPath(const yaml::Node& node);

// `ca_file`: a file of PEM certificates that must exist; empty where absent.
std::filesystem::path TakeCaFile(yaml::Section& section);

// `private_addresses`: allow (the default) or refuse; true for refuse.
bool TakeRefusePrivate(yaml::Section& section);

// `address_field`: a profile key.
std::string TakeAddressField(yaml::Section& section, std::string otherwise);

}  // namespace rekindle
