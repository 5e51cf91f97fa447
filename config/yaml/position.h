// From yaml-cpp's marks (bytes) to places people can find.
#pragma once

#include <yaml-cpp/mark.h>

#include <memory>

#include "config/yaml/diagnostics.h"

namespace rekindle::yaml {

// The line and column of a byte of the file's text.
Position PositionOfByte(std::shared_ptr<const SourceFile> file, size_t byte);

// As above; line and column are 0 for yaml-cpp's "nowhere".
Position PositionOfMark(std::shared_ptr<const SourceFile> file,
                        const YAML::Mark& mark);

}  // namespace rekindle::yaml
