#include "daemon/session/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "config/base/url_scheme.h"
#include "config/base/words.h"
#include "config/state_path.h"
#include "engine/settings/settings_parser.h"

namespace rekindle {
namespace {

namespace fs = std::filesystem;

ChannelFacts FactsOf(const Channel& channel) {
  const AdapterTraits& traits = channel.adapter->traits();
  return {.id = channel.id,
          .type = channel.type,
          .address_field = traits.address_field,
          .needed_fields = traits.needed_fields,
          .required_parts = traits.required_parts,
          .optional_parts = traits.optional_parts,
          .any_parts = traits.any_parts,
          .added_parts = traits.added_parts};
}

// For links in messages to people; without a slash at the end.
std::string ParsePagesUrl(const yaml::Node& node, yaml::Diagnostics& d) {
  auto url = node.AsString(d, "url");
  if (!url) return "";
  if (WebSchemeOf(*url).empty()) {
    d.Error(node.position(),
            fmt::format("url must begin with https:// or http://, like "
                        "https://rekindle.example, not \"{}\"",
                        *url));
    return "";
  }
  while (url->ends_with('/')) url->pop_back();
  return *url;
}

void ParsePages(const yaml::Node& node, yaml::Diagnostics& d,
                Configuration* c) {
  yaml::Section section(node, d, "pages");
  if (auto listen = section.Take("listen")) {
    if (auto address = ParseListen(*listen, d)) c->pages = *address;
  }
  if (auto url = section.Take("url")) {
    c->pages_url = ParsePagesUrl(*url, d);
  }
  if (auto language = section.Take("language")) {
    if (yaml::CheckKnown(*language, d, "language", {"zh", "en"})) {
      c->pages_language = language->text();
    }
  }
  section.Finish();
}

Schedule ParseRecompute(const std::optional<yaml::Node>& node,
                        yaml::Diagnostics& d) {
  const std::string otherwise = "daily 00:30";
  std::string text = otherwise;
  if (node) text = node->AsString(d, "recompute").value_or(otherwise);
  auto schedule = Schedule::Parse(text);
  if (schedule) return *schedule;
  d.Error(node->position(), schedule.error().message);
  return {};
}

// `channels` may stand in several files; an id defined twice names both. A
// channel with an error still has a name that rules may use: its facts accept
// anything, so that one mistake is reported once.
void ParseAllChannels(std::vector<yaml::Section*>& sections,
                      yaml::Diagnostics& d, Configuration* c) {
  std::map<std::string, yaml::Position> seen;
  for (yaml::Section* section : sections) {
    auto node = section->Take("channels");
    if (!node) continue;
    for (auto& [key, value] : node->Entries()) {
      auto [first, added] = seen.try_emplace(key.text(), key.position());
      if (added) continue;
      d.Error(key.position(),
              fmt::format("channel \"{}\" is defined twice; first at {}:{}",
                          key.text(), first->second.file->name,
                          first->second.line));
    }
    for (Channel& channel : ParseChannels(*node, d)) {
      c->channel_facts.push_back(FactsOf(channel));
      c->channels.push_back(std::move(channel));
    }
  }
  for (const auto& [id, position] : seen) {
    if (c->FindChannel(id) == nullptr) {
      c->channel_facts.push_back({.id = id, .any_parts = true});
    }
  }
}

// Must name a channel; that it can be written to is seen here too, so that
// nobody finds out when there is something to be told.
void CheckNoticeChannel(const std::string& id, const std::string& to,
                        const yaml::Node& node, const Configuration& c,
                        yaml::Diagnostics& d) {
  std::vector<std::string> ids;
  for (const ChannelFacts& facts : c.channel_facts) ids.push_back(facts.id);
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
    d.Error(node.position(), fmt::format("there is no channel \"{}\"{}", id,
                                         Suggestion(id, ids)));
    return;
  }
  for (const ChannelFacts& facts : c.channel_facts) {
    if (facts.id != id || facts.address_field.empty() || !to.empty()) continue;
    d.Error(node.position(),
            fmt::format("channel \"{}\" writes to addresses: say \"to\" in "
                        "notices",
                        id));
  }
}

void ParseNotices(const std::optional<yaml::Node>& node, yaml::Diagnostics& d,
                  Configuration* c) {
  if (node) {
    yaml::Section section(*node, d, "notices");
    const auto channel = section.Require("channel");
    c->notices.to = section.GetString("to", "");
    if (channel) {
      c->notices.channel = channel->AsString(d, "channel").value_or("");
      CheckNoticeChannel(c->notices.channel, c->notices.to, *channel, *c, d);
    }
    section.Finish();
  }
}

// `notify` of the channels themselves.
void CheckNotify(std::vector<yaml::Section*>& sections, yaml::Diagnostics& d,
                 const Configuration& c) {
  for (yaml::Section* section : sections) {
    const auto channels = section->Take("channels");
    if (!channels || !channels->IsMap()) continue;
    for (const auto& [id, channel] : channels->Entries()) {
      if (!channel.IsMap()) continue;
      for (const auto& [key, value] : channel.Entries()) {
        if (key.text() != "notify" || !value.IsScalar()) continue;
        CheckNoticeChannel(value.text(), c.notices.to, value, c, d);
        if (value.text() == id.text()) {
          d.Error(value.position(), "a channel cannot tell of itself");
        }
      }
    }
  }
}

}  // namespace

const Channel* Configuration::FindChannel(std::string_view id) const {
  const auto found =
      std::find_if(channels.begin(), channels.end(),
                   [id](const Channel& channel) { return channel.id == id; });
  return found == channels.end() ? nullptr : &*found;
}

std::shared_ptr<const Configuration> LoadConfiguration(const fs::path& file,
                                                       yaml::Diagnostics& d) {
  auto files = yaml::LoadWithIncludes(file, d);
  if (!files) return nullptr;

  yaml::Section main(files->main, d, "the configuration");
  main.Take("include");
  std::vector<yaml::Section> included;
  included.reserve(files->included.size());
  for (const yaml::Node& node : files->included) {
    included.emplace_back(node, d, "the configuration");
  }
  std::vector<yaml::Section*> sections = {&main};
  for (yaml::Section& section : included) sections.push_back(&section);

  auto configuration = std::make_shared<Configuration>();
  configuration->file = fs::absolute(file).lexically_normal();
  configuration->data_dir =
      StatePath(configuration->file, main.GetString("data_dir", "data"));
  if (auto pages = main.Take("pages")) {
    ParsePages(*pages, d, configuration.get());
  }
  if (auto intake = main.Take("intake")) {
    configuration->intake = ParseIntake(*intake, d);
  }
  configuration->recompute = ParseRecompute(main.Take("recompute"), d);

  auto engine =
      std::make_shared<EngineSettings>(ParseEngineSettings(main, included, d));
  ParseAllChannels(sections, d, configuration.get());
  ParseNotices(main.Take("notices"), d, configuration.get());
  CheckNotify(sections, d, *configuration);
  configuration->rules = std::make_shared<RuleSet>(
      ParseRules(sections, VocabularyOf(*engine), configuration->channel_facts,
                 *engine, d));
  if (engine->links && !configuration->intake) {
    d.Error(engine->links->at, "links need an intake: it is what answers them");
  }
  configuration->engine = std::move(engine);
  for (yaml::Section* section : sections) section->Finish();
  return d.ok() ? configuration : nullptr;
}

Result<fs::path> FindConfiguration(const std::string& asked) {
  if (!asked.empty()) return fs::path(asked);
  if (const char* named = std::getenv("REKINDLE_CONFIG")) {
    return fs::path(named);
  }
  for (const char* path : {"rekindle.yaml", "/etc/rekindle/rekindle.yaml"}) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) return fs::path(path);
  }
  return Fail(ErrorKind::kConfiguration,
              "no configuration: neither ./rekindle.yaml nor "
              "/etc/rekindle/rekindle.yaml is there; name one with --config");
}

std::optional<fs::path> FindDataDir(const fs::path& file) {
  yaml::Diagnostics ignored;
  auto node = yaml::LoadFile(file, ignored);
  if (!node || !node->IsMap()) return std::nullopt;
  yaml::Section main(*node, ignored, "the configuration");
  return StatePath(fs::absolute(file), main.GetString("data_dir", "data"));
}

std::string Describe(const Configuration& c) {
  auto count = [](size_t n, std::string_view one) {
    return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s");
  };
  return fmt::format("{}, {}, {}, {}, {}, {}",
                     count(c.rules->rules.size(), "rule"),
                     count(c.rules->templates.size(), "template"),
                     count(c.channels.size(), "channel"),
                     count(c.engine->segments.size(), "segment"),
                     count(c.engine->behaviors.names().size(), "behavior"),
                     count(c.engine->preferences.labels.size(), "label"));
}

}  // namespace rekindle
