#include "channels/file/settings.h"

#include "config/state_path.h"

namespace rekindle {

std::optional<FileSettings> ParseFileSettings(yaml::Section& section) {
  if (!section.valid()) return std::nullopt;
  yaml::Diagnostics& d = section.diagnostics();
  const int errors_before = d.errors();
  FileSettings settings;
  if (const auto dir = section.Require("dir")) {
    const auto text = dir->AsString(d, "dir");
    if (text && text->empty())
      d.Error(dir->position(), "dir must not be empty");
    const auto file = dir->position().file;
    settings.dir = StatePath(file == nullptr ? "" : file->name, dir->text());
  }
  if (const auto needs = section.Take("needs")) {
    settings.needs = needs->AsStrings(d, "needs");
  }
  section.Finish();
  if (d.errors() != errors_before) return std::nullopt;
  return settings;
}

}  // namespace rekindle
