// Finds what YAML allows and a configuration must not hold, in the parser's
// events, as it is lost in yaml-cpp's tree.
#pragma once

#include <memory>

#include "config/yaml/diagnostics.h"

namespace rekindle::yaml {

// kSound: nothing reported. kFlawed: nothing worse than duplicate keys; the
// text can be loaded and its content checked too. kBroken: it cannot.
enum class Structure { kSound, kFlawed, kBroken };

// Reports bytes that are not text, syntax errors, quotes never closed, an empty
// file, a second document, duplicate and merge keys, keys that are no texts,
// anchors, aliases, tags, and nesting deeper than 64.
Structure CheckStructure(const std::shared_ptr<const SourceFile>& file,
                         Diagnostics& d);

}  // namespace rekindle::yaml
