// Loading YAML files: UTF-8, exactly one document each, no duplicate keys, no
// merge keys, anchors, aliases or tags, nesting bounded.
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
// component, relative to the main file; sorted by name, each file once; a
// pattern without a * or ? that names no file is an error; an included file
// cannot include others).
struct Files {
  Node main;
  std::vector<Node> included;
};
// Nothing where the main file cannot be parsed. Otherwise whatever can be read
// is returned besides the errors, so that one pass shows all that is wrong.
std::optional<Files> LoadWithIncludes(const std::filesystem::path& main,
                                      Diagnostics& d);

}  // namespace rekindle::yaml
