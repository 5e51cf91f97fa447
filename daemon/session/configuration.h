// The whole configuration: every section read by the layer that owns it,
// assembled here. `rekindle check` and the daemon use this one loader.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channels/channel_factory.h"
#include "config/yaml/document.h"
#include "daemon/session/intake_settings.h"
#include "daemon/session/listen_address.h"
#include "engine/model/settings.h"
#include "rules/definition/rule.h"

namespace rekindle {

// Who is told of a channel's troubles, where it names nobody itself.
struct NoticeSettings {
  std::string channel;  // empty: nobody
  std::string to;       // an address, where that channel needs one
};

// Immutable once loaded; shared between threads. Adapters are stateful: the
// session sees to it that one thread at a time uses each.
struct Configuration {
  std::filesystem::path file;
  std::filesystem::path data_dir;
  std::shared_ptr<const EngineSettings> engine;
  std::shared_ptr<const RuleSet> rules;
  std::vector<Channel> channels;
  // nullptr where there is none of that id.
  const Channel* FindChannel(std::string_view id) const;
  std::vector<ChannelFacts> channel_facts;
  NoticeSettings notices;
  Schedule recompute;                    // default: daily 00:30
  std::optional<IntakeSettings> intake;  // none: events come by file only
  ListenAddress pages{"127.0.0.1", 8080};
  std::string pages_url;              // where people reach them; or empty
  std::string pages_language = "zh";  // where the browser asks for neither
};

// Every problem of every file goes to the diagnostics; nothing is returned if
// there is an error. Has no side effects beyond reading files.
std::shared_ptr<const Configuration> LoadConfiguration(
    const std::filesystem::path& file, yaml::Diagnostics& d);

// The file to use: the one asked for, else $REKINDLE_CONFIG, else
// ./rekindle.yaml, else /etc/rekindle/rekindle.yaml. kConfiguration names all
// that were looked for.
Result<std::filesystem::path> FindConfiguration(const std::string& asked);

// `data_dir` alone, so that a command finds the daemon even while the files
// are being edited. Nothing where the main file cannot be read.
std::optional<std::filesystem::path> FindDataDir(
    const std::filesystem::path& file);

// "3 rules, 2 channels, ..." for `check` and the log.
std::string Describe(const Configuration& configuration);

}  // namespace rekindle
