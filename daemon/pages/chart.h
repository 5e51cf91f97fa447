// The overview's chart: users by state, a stacked bar a period, with the
// active rate above it. Inline SVG, so that nothing is loaded and it prints.
#pragma once

#include <functional>
#include <string>

#include "daemon/pages/models.h"

namespace rekindle {

// `model` is OverviewModel's, with at least one flow; `word` gives the words of
// a key of texts.yaml.
std::string FlowChart(
    const Json& model,
    const std::function<std::string(const std::string&)>& word);

}  // namespace rekindle
