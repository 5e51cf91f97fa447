#include "channels/adapter/settings_keys.h"

#include <system_error>

namespace rekindle {

std::filesystem::path SettingsPath(const yaml::Node& node) {
  const std::filesystem::path path = node.text();
  const auto file = node.position().file;
  if (path.is_absolute() || file == nullptr) return path;
  return std::filesystem::path(file->name).parent_path() / path;
}

std::filesystem::path TakeCaFile(yaml::Section& section) {
  const auto node = section.Take("ca_file");
  if (!node) return {};
  yaml::Diagnostics& d = section.diagnostics();
  if (!node->AsString(d, "ca_file")) return {};
  std::filesystem::path path = SettingsPath(*node);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    d.Error(node->position(), "ca_file names no file: " + path.string());
  }
  return path;
}

bool TakeRefusePrivate(yaml::Section& section) {
  const auto node = section.Take("private_addresses");
  if (!node) return false;
  const bool known =
      CheckKnown(*node, section.diagnostics(), "value of private_addresses",
                 {"allow", "refuse"});
  return known && node->text() == "refuse";
}

std::string TakeAddressField(yaml::Section& section, std::string otherwise) {
  const auto node = section.Take("address_field");
  if (!node) return otherwise;
  yaml::Diagnostics& d = section.diagnostics();
  std::string field = node->AsString(d, "address_field").value_or("");
  if (field.empty() && node->IsScalar()) {
    d.Error(node->position(), "address_field must name a profile field");
  }
  return field;
}

}  // namespace rekindle
