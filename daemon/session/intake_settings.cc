#include "daemon/session/intake_settings.h"

#include <fmt/format.h>

#include "config/base/byte_size.h"

namespace rekindle {
namespace {

constexpr int64_t kLargest = 1'000'000'000;
// A request lies in memory as sent, inflated and as messages.
constexpr int64_t kCopiesOfABody = 4;

void TakeSize(yaml::Section& section, const std::string& key, int64_t* size) {
  auto node = section.Take(key);
  if (!node) return;
  yaml::Diagnostics& d = section.diagnostics();
  auto text = node->AsString(d, key);
  if (!text) return;
  const Result<int64_t> read = ParseByteSize(*text);
  if (read && *read > 0 && *read <= kLargest) {
    *size = *read;
    return;
  }
  d.Error(node->position(),
          fmt::format("{} must be a size up to 1 GB, such as \"4 MB\" or "
                      "\"500 kB\", not \"{}\"",
                      key, *text));
}

void TakeKeys(yaml::Section& section, std::vector<Secret>* keys) {
  auto node = section.Require("write_keys");
  if (!node) return;
  yaml::Diagnostics& d = section.diagnostics();
  if (!node->IsList() || node->Items().empty()) {
    d.Error(node->position(),
            "write_keys must be a list of secrets, such as "
            "[{file: secrets/write_key}]");
    return;
  }
  for (const yaml::Node& item : node->Items()) {
    if (auto key = ParseSecret(item, d, "write_keys")) keys->push_back(*key);
  }
}

}  // namespace

IntakeSettings ParseIntake(const yaml::Node& node, yaml::Diagnostics& d) {
  IntakeSettings settings;
  yaml::Section section(node, d, "intake");
  if (auto listen = section.Take("listen")) {
    if (auto address = ParseListen(*listen, d)) settings.listen = *address;
  }
  if (section.valid()) TakeKeys(section, &settings.write_keys);
  TakeSize(section, "max_body", &settings.max_body);
  TakeSize(section, "max_waiting", &settings.max_waiting);
  settings.max_connections = section.GetInteger(
      "max_connections", settings.max_connections, 1, 1'000'000);
  section.Finish();
  if (settings.max_waiting < kCopiesOfABody * settings.max_body) {
    d.Error(node.position(),
            fmt::format("max_waiting must be at least {} times max_body",
                        kCopiesOfABody));
  }
  return settings;
}

}  // namespace rekindle
