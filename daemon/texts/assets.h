// Files built into the program: page templates, style sheet, words, and the
// schema of the settings.
#pragma once

#include <string_view>

namespace rekindle {

// The file's bytes. The name is that of a file in daemon/pages/html/,
// texts.yaml or rekindle.schema.json; any other throws std::out_of_range.
std::string_view Asset(std::string_view name);

}  // namespace rekindle
