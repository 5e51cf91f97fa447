// Engine settings from a YAML text, for tests.
#pragma once

#include <memory>
#include <string>

#include "engine/model/settings.h"

namespace rekindle::testing {

// Throws std::runtime_error with the diagnostics where the text is wrong.
std::shared_ptr<const EngineSettings> SettingsFrom(const std::string& text);

}  // namespace rekindle::testing
