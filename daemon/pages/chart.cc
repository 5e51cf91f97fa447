#include "daemon/pages/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rekindle {
namespace {

constexpr double kWidth = 720, kHeight = 230, kTop = 26, kBottom = 24;

// Heights in the drawing area.
double Y(double share) {
  return kTop + (kHeight - kTop - kBottom) * (1 - share);
}

std::string Bar(const Json& flow, double x, double width, double largest,
                const std::function<std::string(const std::string&)>& word) {
  std::string svg;
  double below = 0;
  for (const auto& [state, users] : flow["states"].items()) {
    double count = users.get<double>();
    if (count == 0) continue;
    double bottom = Y(below / largest);
    below += count;
    double top = Y(below / largest);
    svg += fmt::format(
        "<rect class=\"s-{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{:.1f}\"><title>{} {}: {}</title></rect>",
        state, x, top, width, bottom - top, flow["period"].get<std::string>(),
        word("state." + state), users.get<int64_t>());
  }
  return svg;
}

}  // namespace

std::string FlowChart(
    const Json& model,
    const std::function<std::string(const std::string&)>& word) {
  const Json& flows = model["flows"];  // newest first
  double largest = 1;
  for (const Json& flow : flows) {
    largest = std::max(largest, flow["total"].get<double>());
  }
  double step = kWidth / std::max<size_t>(flows.size(), 6);
  std::string svg = fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"{}\">",
      kWidth, kHeight, word("flows"));
  for (size_t i = 0; i < flows.size(); ++i) {
    const Json& flow = flows[flows.size() - 1 - i];
    double x = step * static_cast<double>(i) + step * 0.14;
    double width = step * 0.72;
    svg += Bar(flow, x, width, largest, word);
    std::string rate =
        flow["active_rate"].is_null()
            ? ""
            : fmt::format("{:.1f} %", flow["active_rate"].get<double>() * 100);
    svg += fmt::format(
        "<text class=\"value\" x=\"{0:.1f}\" y=\"{1:.1f}\">{2}</text>"
        "<text class=\"axis\" x=\"{0:.1f}\" y=\"{3:.1f}\">{4}</text>",
        x + width / 2, Y(flow["total"].get<double>() / largest) - 7, rate,
        kHeight - 7, flow["period"].get<std::string>());
  }
  return svg + "</svg>";
}

}  // namespace rekindle
