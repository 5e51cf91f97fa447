// Loading YAML files: exactly one document each, no duplicate keys, no merge
// keys, nesting bounded.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/yaml/node.h"

namespace rekindle::yaml {

// Parses `text` under the name `name`. Syntax errors, a second document and
// duplicate keys go to the diagnostics; nothing is returned then.
std::optional<Node> Parse(std::string name, std::string text, Diagnostics& d);

// Reads and parses a file. A file that cannot be read is an error at
// `asked_from` (the place that named it) or, without one, at the file itself.
std::optional<Node> LoadFile(const std::filesystem::path& path, Diagnostics& d,
                             const Position& asked_from = {});

// A main file and those its `include` list names (globs of * and ? in the last
// component, relative to the main file; sorted by name; a pattern without a *
// that names no file is an error).
struct Files {
  Node main;
  std::vector<Node> included;
};
std::optional<Files> LoadWithIncludes(const std::filesystem::path& main,
                                      Diagnostics& d);

}  // namespace rekindle::yaml
