// Where in a file a byte of a YAML text stands.
#pragma once

#include <cstddef>

#include "config/yaml/node.h"

namespace rekindle {

// The place of the byte `offset` of the scalar's text, whatever its style:
// plain, quoted (escapes counted as written), or a block (indentation and
// folds skipped). For a blank byte, the place after the last visible one
// before it.
yaml::Position PositionInText(const yaml::Node& scalar, size_t offset);

}  // namespace rekindle
