#include "tests/support/settings_text.h"

#include <stdexcept>
#include <vector>

#include "config/yaml/document.h"
#include "engine/settings/settings_parser.h"

namespace rekindle::testing {

std::shared_ptr<const EngineSettings> SettingsFrom(const std::string& text) {
  yaml::Diagnostics d;
  auto node = yaml::Parse("test.yaml", text, d);
  if (!node) throw std::runtime_error(d.Render());
  yaml::Section main(*node, d, "test.yaml");
  std::vector<yaml::Section> included;
  EngineSettings settings = ParseEngineSettings(main, included, d);
  main.Finish();
  if (!d.ok()) throw std::runtime_error(d.Render());
  return std::make_shared<const EngineSettings>(std::move(settings));
}

}  // namespace rekindle::testing
