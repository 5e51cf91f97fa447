// Rendered messages as text, for the store.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/touches/touch.h"

namespace rekindle {

// Bytes that are no UTF-8 become U+FFFD.
std::string EncodeContents(std::span<const ChannelContent> contents);
// Throws std::exception for what EncodeContents did not write.
std::vector<ChannelContent> DecodeContents(std::string_view text);

// The entry of a channel; nullptr where there is none.
const ChannelContent* FindContent(std::span<const ChannelContent> contents,
                                  std::string_view channel);
// The entries after the one of `channel`, in order; none where it has none.
std::span<const ChannelContent> ContentsAfter(
    std::span<const ChannelContent> contents, std::string_view channel);

}  // namespace rekindle
