// Hands touches to people: one CSV file a slot, for those who call, print or
// post by hand.
#pragma once

#include <memory>

#include "channels/adapter/adapter.h"
#include "channels/file/settings.h"

namespace rekindle {

std::unique_ptr<Adapter> MakeFileAdapter(FileSettings settings);

}  // namespace rekindle
